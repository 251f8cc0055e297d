import type { Preference } from './topics';

export interface Device {
  readonly id: string;
  readonly token: string;
}

/** Whom a message goes to, as far as it decides how. */
export interface Recipient {
  readonly customerId: string;
  readonly email: string | null;
  readonly isErased: boolean;
  /** Canonical BCP 47; null: he has said nothing. */
  readonly locale: string | null;
  /** IANA; null: UTC. */
  readonly timeZone: string | null;
  readonly quietFrom: string | null;
  readonly quietTo: string | null;
  /** An address that refuses mail for good. */
  readonly bouncedAddress: string | null;
  readonly preferences: readonly Preference[];
  /** Those that can be reached. */
  readonly devices: readonly Device[];
}
