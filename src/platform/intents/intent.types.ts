import type { Provider } from '../../shared/facts';

/**
 * pending: written, not called. calling: under a lease. unknown: called, and the answer was lost or a 5xx.
 * succeeded, failed: settled for good.
 */
export type IntentState = 'pending' | 'calling' | 'unknown' | 'succeeded' | 'failed';

export interface IntentSpec {
  provider: Provider;
  /** e.g. `subscription.create`. */
  kind: string;
  customerId: string | null;
  /** Same key, same intent, whoever asks and however often. */
  dedupeKey: string;
  /** A refused or abandoned attempt does not stand: the same key may try again. For what is not tied to one request. */
  reopen?: boolean;
  /** The customer has at most one open intent of this kind; another one waits for its end, whoever asks. */
  alone?: boolean;
  /** What is asked of the provider, in our words and ids; never personal data. */
  params: Record<string, unknown>;
}

export interface Intent extends Omit<IntentSpec, 'reopen' | 'alone'> {
  id: string;
  state: IntentState;
  attempts: number;
  keyGeneration: number;
  providerId: string | null;
  outcome: Record<string, unknown> | null;
  errorContext: IntentFailure | null;
  createdAt: Date;
  /** Wall time of the first call under the present key; null before it. */
  calledAt: Date | null;
}

/** The customer of an intent of a kind that is always a customer's. @throws Error for one without: a bug of ours. */
export function customerOf(intent: Intent): string {
  if (!intent.customerId) throw new Error(`Intent ${intent.id} names no customer`);
  return intent.customerId;
}

/** A definite refusal, kept so that the same request gets the same answer. */
export interface IntentFailure {
  kind: string;
  code: string;
  message: string;
  details: Record<string, unknown>;
}

/** What the provider made of it. */
export interface ProviderOutcome {
  providerId: string;
  /** Small, without personal data and without secrets that live longer than the request. */
  outcome: Record<string, unknown>;
  /** For the answer of this very request only, never stored: client secrets, session URLs. */
  transient?: Record<string, string | null>;
}
