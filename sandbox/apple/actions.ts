import { count, object, text } from '../control/control-schemas';
import type { AppleWorld } from './index';
import { lose, repeat, restate } from './slips';

/** The fields of an action's body, checked against its schema. */
export type ActionInput = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Action {
  readonly about: 'subscriptions' | 'transactions';
  readonly schema: object;
  /** @param id of the subscription (its original transaction) or of the transaction. */
  readonly run: (apple: AppleWorld, id: string, input: ActionInput) => void;
}

const nothing = { anyOf: [object({}), { type: 'null' }] };
const flag = (name: string): object => object({ [name]: { type: 'boolean' } }, [name]);

/** What people and Apple do after a purchase, by the last part of the path it is asked for with. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  auto_renew: {
    about: 'subscriptions',
    schema: flag('on'),
    run: (apple, id, { on }) => {
      apple.store.setAutoRenew(apple.book.subscription(id), on === true, apple.now());
    },
  },
  payment: {
    about: 'subscriptions',
    schema: flag('works'),
    run: (apple, id, { works }) => {
      apple.store.setPays(apple.book.subscription(id), works === true, apple.now());
    },
  },
  price_increase: {
    about: 'subscriptions',
    schema: object({ price: count(0, 1_000_000_000_000), needsConsent: { type: 'boolean' } }, ['price']),
    run: (apple, id, { price, needsConsent }) => {
      apple.store.increasePrice(apple.book.subscription(id), Number(price), needsConsent !== false, apple.now());
    },
  },
  consent: {
    about: 'subscriptions',
    schema: nothing,
    run: (apple, id) => {
      apple.store.consent(apple.book.subscription(id), apple.now());
    },
  },
  extend: {
    about: 'subscriptions',
    schema: object({ days: count(1, 90) }, ['days']),
    run: (apple, id, { days }) => {
      apple.store.extend(apple.book.subscription(id), Number(days), apple.now());
    },
  },
  revoke: {
    about: 'subscriptions',
    schema: nothing,
    run: (apple, id) => {
      apple.store.revoke(apple.book.subscription(id), apple.now());
    },
  },
  refund: {
    about: 'transactions',
    schema: {
      anyOf: [object({ percentage: { type: 'number', exclusiveMinimum: 0, maximum: 100 } }), { type: 'null' }],
    },
    run: (apple, id, { percentage }) => {
      apple.store.refund(id, apple.now(), typeof percentage === 'number' ? percentage : undefined);
    },
  },
  unshare: {
    about: 'transactions',
    schema: nothing,
    run: (apple, id) => {
      apple.store.unshare(id, apple.now());
    },
  },
  restate: {
    about: 'transactions',
    schema: object({
      price: count(0, 1_000_000_000_000),
      currency: { type: 'string', pattern: '^[A-Z]{3}$' },
      purchaseDate: count(1, 10_000_000_000_000),
    }),
    run: (apple, id, { price, currency, purchaseDate }) => {
      restate(apple.book, id, {
        ...(typeof price === 'number' && { price }),
        ...(typeof currency === 'string' && { currency }),
        ...(typeof purchaseDate === 'number' && { purchaseDate }),
      });
    },
  },
  repeat: {
    about: 'transactions',
    schema: nothing,
    run: (apple, id) => {
      repeat(apple.book, id);
    },
  },
  lose: {
    about: 'transactions',
    schema: nothing,
    run: (apple, id) => {
      lose(apple.book, id);
    },
  },
  refund_reversed: {
    about: 'transactions',
    schema: nothing,
    run: (apple, id) => {
      apple.store.reverseRefund(id, apple.now());
    },
  },
  refund_declined: {
    about: 'transactions',
    schema: nothing,
    run: (apple, id) => {
      apple.store.declineRefund(id, apple.now());
    },
  },
  consumption_request: {
    about: 'transactions',
    schema: nothing,
    run: (apple, id) => {
      apple.store.requestRefund(id, apple.now());
    },
  },
};

const offerSchema = {
  anyOf: [
    { enum: ['intro', 'none'] },
    object(
      {
        type: { enum: ['promotional', 'code', 'winback'] },
        identifier: text,
        mode: { enum: ['FREE_TRIAL', 'PAY_AS_YOU_GO', 'PAY_UP_FRONT'] },
        period: { type: 'string', pattern: '^P\\d+[DWMY]$' },
        prices: { type: 'object', additionalProperties: count(0, 1_000_000_000_000) },
      },
      ['type', 'mode', 'period'],
    ),
  ],
};

export const purchaseSchema = object(
  {
    productId: text,
    account: text,
    appAccountToken: { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    storefront: { type: 'string', pattern: '^[A-Z]{3}$' },
    quantity: count(1, 10),
    offer: offerSchema,
  },
  ['productId'],
);

export const shareSchema = object({ appAccountToken: text });

export const productSchema = object(
  {
    productId: text,
    type: { enum: ['Auto-Renewable Subscription', 'Non-Consumable', 'Consumable', 'Non-Renewing Subscription'] },
    prices: { type: 'object', additionalProperties: count(0, 1_000_000_000_000) },
    group: text,
    level: count(1, 100),
    period: { type: 'string', pattern: '^P\\d+[DWMY]$' },
    forSale: { type: 'boolean' },
  },
  ['productId', 'type', 'prices'],
);

export const settingsSchema = object({
  bundleId: text,
  appId: count(1, Number.MAX_SAFE_INTEGER),
  environment: { enum: ['Production', 'Sandbox'] },
  notificationUrl: { anyOf: [{ type: 'string', pattern: '^https?://' }, { type: 'null' }] },
  graceDays: { enum: [0, 3, 16, 28] },
});
