import { authorization, conflict, notFound, type AppError } from '../../../shared/app-error';

/** Without a hint of the rule: who tests cards would learn how to stay below it. */
export const paymentBlocked = (): AppError =>
  authorization('PAYMENT_BLOCKED', 'This payment cannot be made; please contact support');

export const ruleNotFound = (key: string): AppError =>
  notFound('FRAUD_RULE_NOT_FOUND', 'Fraud rule not found', { key: key.slice(0, 64) });

export const ruleExists = (key: string): AppError =>
  conflict('FRAUD_RULE_EXISTS', 'There is a fraud rule of this key already', { key });
