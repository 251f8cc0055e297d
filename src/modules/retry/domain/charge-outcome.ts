import { isAppError } from '../../../shared/app-error';
import type { InvoiceStatus } from '../../../shared/facts';
import type { Decline } from './decline';

/** What became of a charge. */
export type ChargeOutcome =
  | { kind: 'succeeded' }
  /** The provider has said no. */
  | { kind: 'failed'; errorType: 'declined' | 'method_required' | 'refused'; decline: Decline }
  /** There was nothing to charge any more. */
  | { kind: 'skipped'; errorType: string }
  /** Somebody else is charging: again in a while. */
  | { kind: 'busy' }
  /** The provider never acted: to be begun anew. */
  | { kind: 'abandoned' }
  /** Nobody knows yet. */
  | { kind: 'unknown'; errorType: string };

const NOTHING_SAID: Decline = { declineCode: null, adviceCode: null, networkAdviceCode: null };
/** Told where the bank wants the customer himself; see https://docs.stripe.com/error-codes. */
const NEEDS_CUSTOMER: ReadonlySet<unknown> = new Set([
  'invoice_payment_intent_requires_action',
  'payment_intent_authentication_failure',
]);

/** @param status the invoice's after a call that was not refused. */
export function outcomeOfStatus(status: InvoiceStatus): ChargeOutcome {
  if (status === 'paid') return { kind: 'succeeded' };
  // A debit is on its way; the bank takes days.
  return status === 'open' ? { kind: 'unknown', errorType: 'processing' } : { kind: 'skipped', errorType: status };
}

/** @param error as the flow threw it, or as the intent of an earlier run has kept it. */
export function outcomeOfError(error: unknown): ChargeOutcome {
  if (!isCoded(error)) return { kind: 'unknown', errorType: 'unexpected' };
  const { code, details } = error;
  switch (code) {
    case 'PAYMENT_FAILED':
      return { kind: 'failed', errorType: 'declined', decline: declineOf(details) };
    case 'PAYMENT_METHOD_REQUIRED':
      return {
        kind: 'failed',
        errorType: 'method_required',
        decline: { ...NOTHING_SAID, declineCode: 'payment_method_required' },
      };
    case 'PROVIDER_REFUSED':
      return refused(details['stripeCode']);
    case 'INVALID_STATE_TRANSITION':
    case 'PROVIDER_OBJECT_NOT_FOUND':
      return { kind: 'skipped', errorType: code.toLowerCase() };
    case 'REQUEST_IN_PROGRESS':
      return { kind: 'busy' };
    case 'INTENT_ABANDONED':
      return { kind: 'abandoned' };
    default:
      return { kind: 'unknown', errorType: code.toLowerCase() };
  }
}

interface Coded {
  code: string;
  details: Record<string, unknown>;
}

function isCoded(error: unknown): error is Coded {
  if (isAppError(error)) return true;
  return typeof error === 'object' && error !== null && 'code' in error && 'details' in error;
}

function refused(stripeCode: unknown): ChargeOutcome {
  const declineCode = typeof stripeCode === 'string' ? stripeCode : null;
  const errorType = NEEDS_CUSTOMER.has(stripeCode) ? 'declined' : 'refused';
  return { kind: 'failed', errorType, decline: { ...NOTHING_SAID, declineCode } };
}

function declineOf(details: Record<string, unknown>): Decline {
  const text = (name: string): string | null => (typeof details[name] === 'string' ? details[name] : null);
  return {
    declineCode: text('declineCode'),
    adviceCode: text('adviceCode'),
    networkAdviceCode: text('networkAdviceCode'),
  };
}
