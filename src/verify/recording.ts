import type { Fact, Provider } from '../shared/facts';
import type { IncomingEvent } from '../platform/inbox';
import type { KnownObject } from './provider-stand-in';

/** What no event tells: who the customers are, what is sold, what time it is. In an order that foreign keys allow. */
export const GIVEN_TABLES = [
  'plans',
  'prices',
  'features',
  'plan_features',
  'catalog_mirrors',
  'iap_products',
  'customers',
  'customer_accounts',
  'purchase_transfers',
  'transfer_owners',
  'business_clock',
] as const;
export type GivenTable = (typeof GIVEN_TABLES)[number];

/** Rows by table, each as PostgreSQL's `to_jsonb` spells it. */
export type GivenRows = Readonly<Record<GivenTable, readonly object[]>>;

/** A delivery as it was stored, body included. */
export interface RecordedEvent {
  kind: 'event';
  aggregate: string | null;
  event: IncomingEvent;
}

/** What the answer to a call of ours, or a reading, told: in a replay these stand in for the provider. */
export interface RecordedReading {
  kind: 'reading';
  aggregate: string;
  provider: Provider;
  sourceId: string;
  facts: readonly Fact[];
}

export type RecordedItem = RecordedEvent | RecordedReading;

/** All that an installation was told, in recorded order, and what it knew without being told. */
export interface Recording {
  given: GivenRows;
  /** Livemode of the keys of each provider that was on. */
  livemode: Readonly<Partial<Record<Provider, boolean>>>;
  items: readonly RecordedItem[];
  /** A sequence over `items` that went wrong once: tried before any other. */
  sequence?: readonly Step[];
  /** What the providers answer when they are asked; without it, what the recorded order comes to. */
  known?: readonly KnownObject[];
}

/** How a unit of work is made to end. */
export interface Crash {
  /**
   * statement: the database's session is killed before a statement. commit: it is killed before the commit. answer: the
   * commit is made, and its answer is lost. fault: an error of our own after a statement.
   */
  at: 'statement' | 'commit' | 'answer' | 'fault';
  /** Which unit of work of the pass, from 0. */
  unit: number;
  /** Which of its statements, from 0; where it has fewer, its end. */
  statement: number;
}

/** One step of a replay. */
export type Step =
  /** Item by its place in the recording. */
  | { do: 'tell'; item: number }
  /** The worker works until nothing is due, or until it dies. */
  | { do: 'work'; crash: Crash | null }
  /** A worker takes rows and is never seen again. */
  | { do: 'abandon'; rows: number };

/** Our customers' ids by `provider:id` of the provider's. */
export function ownersOf({ customer_accounts: accounts }: GivenRows): Map<string, string> {
  const rows = accounts as readonly { provider: string; provider_id: string; customer_id: string }[];
  return new Map(rows.map((row) => [`${row.provider}:${row.provider_id}`, row.customer_id]));
}

/** A name for people and for keys. */
export function itemName(item: RecordedItem): string {
  return item.kind === 'event' ? item.event.eventId : item.sourceId;
}
