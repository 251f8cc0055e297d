import type { BreakType } from './domain/compare-movement';

/** Domain events of this module; payloads hold ids and figures only. */
export const RECONCILIATION_EVENTS = {
  /** BreakOpenedPayload: a difference that nothing repairs by itself, once for each break and again while it grows old. */
  breakOpened: 'reconciliation.break_opened',
  /** BreakSettledPayload: one that people were told of needs them no more. */
  breakSettled: 'reconciliation.break_settled',
} as const;

export interface BreakOpenedPayload {
  breakId: string;
  provider: string;
  /** Of the cause: seen again after it was settled, it is another break of the same key. */
  key: string;
  type: BreakType;
  movement: string;
  providerRef: string | null;
  objectRef: string | null;
  currency: string;
  /** The provider's net less ours, minor units; null where they are of two currencies. */
  difference: number | null;
  /** When the movement was, ISO 8601. */
  movedAt: string;
  /** How long it has been seen, in whole days. */
  ageDays: number;
}

export interface BreakSettledPayload {
  breakId: string;
  provider: string;
  key: string;
  /** resolved: both sides agree now. ignored: finance has decided that nothing is to be done. */
  status: 'resolved' | 'ignored';
}
