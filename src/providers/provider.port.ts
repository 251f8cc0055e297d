import type { IncomingEvent } from '../platform/inbox';
import type { Fact, FactObjectType, Provider } from '../shared/facts';

/** What a verified delivery says of itself, apart from its bytes. */
export type VerifiedEvent = Omit<IncomingEvent, 'provider' | 'rawBody' | 'headers'>;

/** A fact whose aggregate its event does not say. */
export type UnplacedFact = Fact extends infer F ? (F extends Fact ? Omit<F, 'aggregate'> : never) : never;

/** What an event means to us. */
export type Translation =
  | { kind: 'facts'; aggregate: string; facts: Fact[] }
  /** The event names an object that does: its aggregate is the facts' aggregate. */
  | { kind: 'unplaced'; via: { objectType: FactObjectType; objectId: string }; facts: UnplacedFact[] }
  /** The event cannot be read in the version it came in; its object can be read from the provider. */
  | { kind: 'read'; objectType: FactObjectType; objectId: string }
  | { kind: 'ignored'; reason: string };

/** Facts from reading an object; empty where the provider has no such object. */
export interface ReadResult {
  aggregate: string;
  facts: Fact[];
}

/** One provider as the pipeline knows it: it turns the provider's JSON into facts, and reads what facts cannot decide. */
export interface ProviderAdapter {
  readonly provider: Provider;
  /** Livemode our own keys belong to; null where the provider is off. */
  readonly livemode: boolean | null;
  /** Whether the body carries our metadata anywhere, readable or not. Pure. */
  namesUs(rawBody: Buffer): boolean;
  /** Pure. @param rawBody as received and verified. Throws AppError `validation` for a shape that cannot be. */
  translate(eventId: string, rawBody: Buffer): Translation;
  /** Network; never inside a transaction. @param sourceId makes the read a source of its own. */
  read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null>;
}
