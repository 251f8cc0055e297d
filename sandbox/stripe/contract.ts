/**
 * What the two halves of the Stripe sandbox promise each other. The engine (`engine/`, `routes/`) knows Stripe's
 * objects and rules and nothing of HTTP; the shell (`http/`, `webhooks/`, `pages/`) knows HTTP and nothing of billing.
 */
import type Stripe from 'stripe';

/** A request after decoding and validation against the schema derived from the `stripe` package's own types. */
export interface SandboxRequest {
  /** `req_…`, also in the `Request-Id` response header. */
  readonly id: string;
  /** Values of the `{…}` segments of the route's path. */
  readonly ids: Readonly<Record<string, string>>;
  /** Decoded parameters: numbers, booleans, arrays and objects as Stripe's types have them; `expand` left out. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | null;
}

/** One API route. `handle` answers the object with its references as ids; the shell expands what `expand` asks for. */
export interface SandboxRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As in the derived schema, e.g. `/v1/customers/{id}`. */
  readonly path: string;
  readonly handle: (request: SandboxRequest) => object;
}

/** Stripe's error object, as thrown by the engine and rendered by the shell. */
export class StripeSandboxError extends Error {
  constructor(
    readonly status: 400 | 401 | 402 | 403 | 404 | 409 | 429 | 500,
    readonly error: {
      readonly type: 'invalid_request_error' | 'card_error' | 'api_error' | 'idempotency_error';
      readonly message: string;
      readonly code?: string;
      readonly param?: string;
      readonly decline_code?: string;
      readonly advice_code?: string;
      readonly payment_intent?: Stripe.PaymentIntent;
      readonly setup_intent?: Stripe.SetupIntent;
    },
  ) {
    super(error.message);
  }
}

/** The sandbox's own time in Unix seconds; it stands still unless real time passes or somebody moves it. */
export interface SandboxClock {
  now(): number;
}

/** When and why an event happened. A clock moved a month runs a month of work, each event at its own second. */
export interface EventOrigin {
  /** Unix seconds, the event's `created`. */
  readonly created: number;
  /** True when time caused it, not a request: Stripe's `event.request.id` is null then. */
  readonly scheduled: boolean;
}

/** Where the engine says what happened. The shell stores the event, makes it listable and delivers it signed. */
export interface EventSink {
  /**
   * @param object a snapshot the sink may keep.
   * @param previousAttributes the former values of what changed, for `*.updated` events.
   * @param origin the engine always gives it.
   */
  emit(type: Stripe.Event.Type, object: object, previousAttributes?: object, origin?: EventOrigin): void;
}

/** Pages the shell serves under its public address; the engine writes these into its objects. */
export const pagePaths = {
  checkout: (sessionId: string): string => `/checkout/${sessionId}`,
  portal: (sessionId: string): string => `/portal/${sessionId}`,
  invoice: (invoiceId: string): string => `/invoices/${invoiceId}`,
  invoicePdf: (invoiceId: string): string => `/invoices/${invoiceId}/pdf`,
  receipt: (chargeId: string): string => `/receipts/${chargeId}`,
} as const;

/** Objects by id, shared by the engine (which writes) and the shell (which reads for `expand` and its pages). */
export interface ObjectStore {
  get(id: string): { readonly id: string; readonly object: string } | undefined;
  list(objectType: string): readonly { readonly id: string; readonly object: string }[];
  /**
   * Sub-objects that exist only when expanded: an invoice's `payments` and `confirmation_secret`, a checkout session's
   * `line_items`, a customer's `subscriptions`; undefined where the field is no such thing.
   */
  expandable(id: string, field: string): object | number | undefined;
}
