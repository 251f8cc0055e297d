import { authorization, conflict, notFound, type AppError } from '../../../shared/app-error';
import type { PolicyDecision } from './domain/decide';

export const ruleNotFound = (key: string): AppError =>
  notFound('PAYOUT_RULE_NOT_FOUND', 'Payout rule not found', { key: key.slice(0, 64) });

export const ruleExists = (key: string): AppError =>
  conflict('PAYOUT_RULE_EXISTS', 'There is a payout rule of this key already', { key });

/** Of a decision to refuse: what the caller is answered. */
export function policyRefusal({ code, reasons }: PolicyDecision): AppError {
  const details = { reasons };
  return code === 'APPROVAL_LIMIT_EXCEEDED'
    ? authorization('APPROVAL_LIMIT_EXCEEDED', 'This is more than you may approve', details)
    : authorization('PAYOUT_BLOCKED', 'A rule forbids this payout', details);
}
