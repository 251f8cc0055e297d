import { count, object, text } from '../control/control-schemas';
import type { GoogleWorld } from './index';
import { lose, repeat, restate } from './slips';

/** The fields of an action's body, checked against its schema. */
export type ActionInput = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Action {
  readonly about: 'subscriptions' | 'purchases' | 'orders';
  readonly schema: object;
  /** @param id the purchase's token, or the order's id. */
  readonly run: (google: GoogleWorld, id: string, input: ActionInput) => void;
}

const nothing = { anyOf: [object({}), { type: 'null' }] };
const flag = (name: string): object => object({ [name]: { type: 'boolean' } }, [name]);
const currency = { type: 'string', pattern: '^[A-Z]{3}$' };
const days = object({ days: count(1, 365) }, ['days']);

type Subscription = ReturnType<GoogleWorld['book']['subscription']>;

/** What is done to a subscription at the moment. */
function onSubscription(
  schema: object,
  run: (google: GoogleWorld, record: Subscription, input: ActionInput, at: number) => void,
): Action {
  return {
    ...{ about: 'subscriptions', schema },
    run: (google, token, input) => {
      run(google, google.book.subscription(token), input, google.now());
    },
  };
}

/** What people and Google do after a purchase, by the last part of the path it is asked for with. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  cancel: onSubscription(nothing, ({ store }, record, _input, at) => {
    store.cancel(record, at);
  }),
  restart: onSubscription(nothing, ({ store }, record, _input, at) => {
    store.restart(record, at);
  }),
  payment: onSubscription(flag('works'), ({ store }, record, { works }, at) => {
    store.setPays(record, works === true, at);
  }),
  pause: onSubscription(days, ({ store }, record, input, at) => {
    store.pause(record, Number(input['days']), at);
  }),
  resume: onSubscription(nothing, ({ store }, record, _input, at) => {
    store.resume(record, at);
  }),
  defer: onSubscription(days, ({ store }, record, input, at) => {
    store.defer(record, Number(input['days']), at);
  }),
  price_change: onSubscription(
    object({ price: count(0, 1_000_000_000_000), needsConsent: { type: 'boolean' } }, ['price']),
    ({ store }, record, { price, needsConsent }, at) => {
      store.changePrice(record, Number(price), needsConsent !== false, at);
    },
  ),
  consent: onSubscription(nothing, ({ store }, record, _input, at) => {
    store.consent(record, at);
  }),
  revoke: onSubscription(nothing, ({ store }, record, _input, at) => {
    store.revoke(record, at);
  }),
  /** As the server does that has granted it. */
  acknowledge: {
    ...{ about: 'purchases', schema: nothing },
    run: ({ store }, token) => {
      store.acknowledge(token);
    },
  },
  pending: {
    ...{ about: 'purchases', schema: flag('paid') },
    run: (google, token, { paid }) => {
      google.store.settlePending(token, paid === true, google.now());
    },
  },
  refund: {
    about: 'orders',
    schema: {
      anyOf: [
        object({ percentage: { type: 'number', exclusiveMinimum: 0, maximum: 100 } }),
        object({ quantity: count(1, 10) }, ['quantity']),
        { type: 'null' },
      ],
    },
    run: (google, orderId, { percentage, quantity }) => {
      if (typeof quantity === 'number') google.store.refundPieces(orderId, quantity, google.now());
      else google.store.refund(orderId, google.now(), typeof percentage === 'number' ? percentage : undefined);
    },
  },
  restate: slip(
    object({ total: count(0, 1_000_000_000_000), currency, createdAt: count(0, 10_000_000_000_000) }),
    (book, orderId, change) => {
      restate(book, orderId, change);
    },
  ),
  repeat: slip(nothing, (book, orderId, _input, at) => {
    repeat(book, orderId, at);
  }),
  lose: slip(nothing, (book, orderId) => {
    lose(book, orderId);
  }),
};

/** What ought never to happen; nobody is told. */
function slip(
  schema: object,
  run: (book: GoogleWorld['book'], orderId: string, input: ActionInput, at: number) => void,
): Action {
  return {
    ...{ about: 'orders', schema },
    run: (google, orderId, input) => {
      run(google.book, orderId, input, google.now());
    },
  };
}

const account = { type: 'string', minLength: 1, maxLength: 64 };

export const purchaseSchema = object(
  {
    product: text,
    account: text,
    obfuscatedAccountId: account,
    currency,
    quantity: count(1, 10),
    offer: { enum: ['trial', 'none'] },
    pending: { type: 'boolean' },
    test: { type: 'boolean' },
  },
  ['product'],
);

export const productSchema = object(
  {
    productId: { type: 'string', pattern: '^[a-z0-9][a-z0-9_.]{0,39}$' },
    basePlanId: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,62}$' },
    prices: { type: 'object', additionalProperties: count(0, 1_000_000_000_000) },
    period: { type: 'string', pattern: '^P\\d+[DWMY]$' },
    trial: { type: 'string', pattern: '^P\\d+[DWMY]$' },
  },
  ['productId', 'prices'],
);

export const settingsSchema = object({
  packageName: text,
  pushUrl: { anyOf: [{ type: 'string', pattern: '^https?://' }, { type: 'null' }] },
  pushAudience: text,
  pushAccount: text,
  graceDays: { enum: [0, 3, 7, 14, 30] },
  holdDays: count(1, 60),
});
