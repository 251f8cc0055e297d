import type { BreakType } from './domain/compare-movement';

/** Domain events of this module; payloads hold ids and figures only. */
export const RECONCILIATION_EVENTS = {
  /** BreakOpenedPayload: a difference that nothing repairs by itself, once for each break. */
  breakOpened: 'reconciliation.break_opened',
} as const;

export interface BreakOpenedPayload {
  breakId: string;
  provider: string;
  type: BreakType;
  movement: string;
  providerRef: string | null;
  objectRef: string | null;
  currency: string;
  /** The provider's net less ours, minor units; null where they are of two currencies. */
  difference: number | null;
  /** When the movement was, ISO 8601. */
  movedAt: string;
}
