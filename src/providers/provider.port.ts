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
  /** With an alert where somebody ought to find out why it came at all. */
  | { kind: 'ignored'; reason: string; alert?: true };

/** Facts from reading an object; empty where the provider has no such object. */
export interface ReadResult {
  aggregate: string;
  facts: Fact[];
}

/** What providers list by the hundred: objects that may stand as they are for long, and whose events may be lost for good. */
export type ListedObjectType = 'subscription' | 'invoice' | 'payment';

/** A page of a list, newest first. `next` asks for the one after it; null after the last. */
export interface ListPage<T> {
  items: readonly T[];
  next: string | null;
}

/** An event as the provider lists it, which nobody signed: it came over our own call. */
export interface ListedEvent extends VerifiedEvent {
  rawBody: Buffer;
}

/** An object as the provider showed it in a list. `rawBody` holds all there is to translate it by, the moment included. */
export interface SeenObject {
  objectType: ListedObjectType;
  objectId: string;
  createdAt: Date;
  aggregate: string | null;
  apiVersion: string;
  rawBody: Buffer;
}

export interface SeenPage extends ListPage<SeenObject> {
  /** The second of the answer's Date header: the provider's clock. */
  answeredAt: Date;
}

/** Both ends of `created` are inclusive, to the second. */
export interface ObjectQuery {
  objectType: ListedObjectType;
  createdFrom?: Date;
  createdTo?: Date;
  /** Only this customer's. */
  aggregate?: string;
  /** `next` of the page before. */
  page?: string;
}

/** Event ids that begin so are ours: the event is an object that was seen in a list. */
export const SEEN_PREFIX = 'seen:';

/** One provider as the pipeline knows it: it turns the provider's JSON into facts, and reads what facts cannot decide. */
export interface ProviderAdapter {
  readonly provider: Provider;
  /** Livemode our own keys belong to; null where the provider is off. */
  readonly livemode: boolean | null;
  /** Whether test events count beside live ones: an app's reviewers buy in the store's sandbox. Absent is no. */
  readonly countsTestToo?: boolean;
  /** Whether it lists its objects, so that `list` may be asked. Absent is yes. */
  readonly listsObjects?: boolean;
  /** Whether the body carries our metadata anywhere, readable or not. Pure. */
  namesUs(rawBody: Buffer): boolean;
  /**
   * Pure. @param rawBody as received and verified, or of an object that was seen, under an id with SEEN_PREFIX.
   * Throws AppError `validation` for a shape that cannot be.
   */
  translate(eventId: string, rawBody: Buffer): Translation;
  /** Network; never inside a transaction. @param sourceId makes the read a source of its own. */
  read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null>;
  /** Network. Our customer's id, as the provider's customer himself says; null where he says nothing, or is gone. */
  ownerOf(customerRef: string): Promise<string | null>;
  /** How long the provider lists its events, in seconds. */
  readonly eventsKeptSeconds: number;
  /** Network. Events of that time whose delivery to some endpoint has failed or is still pending, ours or not. */
  undelivered(range: { since: Date; until: Date }, page?: string): Promise<ListPage<ListedEvent>>;
  /** Network. Objects in whatever state, those that have ended included, ours or not. */
  list(query: ObjectQuery): Promise<SeenPage>;
}
