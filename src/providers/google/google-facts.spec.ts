import type { SubscriptionPayload } from '../../shared/facts';
import { accountTokenOf } from '../account-token';
import type { GoogleOrder, GoogleProduct, GoogleSubscription } from './google-client';
import {
  earlierOrders,
  orderFacts,
  productFacts,
  returnedOf,
  subscriptionFacts,
  type Chain,
  type OrderOf,
} from './google-facts';

const CUSTOMER = 'cust_01kb0000000000000000000000';
const said = { occurredAt: new Date('2026-02-01T10:00:00Z'), sourceId: 'read:evt_1' };
const chain: Chain = { root: 'root', since: '2025-11-01T10:00:00.000Z', replaced: false };
const usd = (units: string): object => ({ currencyCode: 'USD', units });

function item(change: object = {}): NonNullable<GoogleSubscription['lineItems']>[number] {
  return {
    ...{ productId: 'pro', expiryTime: '2026-03-01T10:00:00Z', latestSuccessfulOrderId: 'GPA.1..2' },
    ...{
      offerDetails: { basePlanId: 'monthly' },
      autoRenewingPlan: { autoRenewEnabled: true, recurringPrice: usd('29') },
    },
    ...change,
  };
}

function subscription(state: string, change: object = {}, line: object = {}): GoogleSubscription {
  return {
    ...{ subscriptionState: `SUBSCRIPTION_STATE_${state}`, startTime: '2025-12-01T10:00:00Z', lineItems: [item(line)] },
    ...{ acknowledgementState: 'ACKNOWLEDGEMENT_STATE_PENDING' },
    externalAccountIdentifiers: { obfuscatedExternalAccountId: accountTokenOf(CUSTOMER) },
    ...change,
  };
}

function order(change: object = {}): GoogleOrder {
  return {
    ...{
      orderId: 'GPA.1..2',
      purchaseToken: 'token',
      state: 'PROCESSED',
      createTime: '2026-02-01T09:59:00Z',
      total: usd('29'),
    },
    orderHistory: { processedEvent: { eventTime: '2026-02-01T10:00:00Z' } },
    lineItems: [
      {
        productId: 'pro',
        total: usd('29'),
        subscriptionDetails: {
          ...{ basePlanId: 'monthly', servicePeriodStartTime: '2026-02-01T10:00:00Z' },
          servicePeriodEndTime: '2026-03-01T10:00:00Z',
        },
      },
    ],
    ...change,
  };
}

const of: OrderOf = { root: 'root', ownerId: CUSTOMER, renews: true, replaces: false, test: false, returned: 0 };

function standing(one: GoogleSubscription, place: Chain = chain): SubscriptionPayload | null {
  const fact = subscriptionFacts('token', one, order(), place, said).find(
    ({ objectType }) => objectType === 'subscription',
  );
  return (fact?.payload as SubscriptionPayload | undefined) ?? null;
}

describe('a subscription', () => {
  const END = '2026-03-01T10:00:00.000Z';

  it.each([
    ['ACTIVE', {}, { status: 'active', cancelAtPeriodEnd: false, endedAt: null, trialEndsAt: null }],
    ['ACTIVE', { offerPhase: { freeTrial: {} } }, { status: 'trialing', trialEndsAt: END, unitAmount: 2_900 }],
    ['CANCELED', {}, { status: 'active', cancelAtPeriodEnd: true, cancelAt: END }],
    [
      'IN_GRACE_PERIOD',
      { expiryTime: '2026-03-08T10:00:00Z' },
      { status: 'past_due', graceUntil: '2026-03-08T10:00:00.000Z' },
    ],
    ['ON_HOLD', { expiryTime: '2026-03-08T10:00:00Z' }, { status: 'past_due', graceUntil: END }],
    ['PAUSED', {}, { status: 'paused' }],
    ['EXPIRED', {}, { status: 'canceled', endedAt: END, canceledAt: END }],
  ])('that is %s with %j', (state, line, shown) => {
    const told = standing(subscription(state, {}, line));
    expect(told).toMatchObject({
      ...{ customerRef: 'root', ownerId: CUSTOMER, priceRef: 'pro:monthly', currency: 'USD', createdAt: chain.since },
      ...{ currentPeriodStart: '2026-02-01T10:00:00.000Z', currentPeriodEnd: END, interval: 'month', intervalCount: 1 },
      latestInvoiceRef: 'GPA.1..2',
      ...shown,
    });
  });

  it.each(['PENDING', 'PENDING_PURCHASE_CANCELED'])('that is %s is a purchase, and nothing that runs', (state) => {
    const one = subscription(state, { startTime: undefined });
    const facts = subscriptionFacts('token', one, null, chain, said);
    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject({ kind: 'purchase.snapshot', payload: { completedAt: null } });
  });

  it.each([
    ['ACTIVE', {}, {}, '2026-02-01T09:59:00.000Z'],
    ['CANCELED', {}, { userInitiatedCancellation: { cancelTime: '2026-02-10T08:00:00Z' } }, '2026-02-10T08:00:00.000Z'],
    ['CANCELED', {}, { systemInitiatedCancellation: {} }, undefined],
    ['IN_GRACE_PERIOD', { expiryTime: '2026-03-08T10:00:00Z' }, {}, END],
    ['ON_HOLD', { expiryTime: '2026-03-08T10:00:00Z' }, {}, END],
    ['PAUSED', {}, {}, END],
    ['EXPIRED', { expiryTime: '2026-02-12T10:00:00Z' }, {}, '2026-02-12T10:00:00.000Z'],
  ])('that is %s with %j and %j is so since %s', (state, line, canceledStateContext, changedAt) => {
    expect(standing(subscription(state, { canceledStateContext }, line))?.changedAt).toBe(changedAt);
  });

  it('that was put off ends later than what was paid for', () => {
    const told = standing(subscription('ACTIVE', {}, { expiryTime: '2026-04-01T10:00:00Z' }));
    expect(told).toMatchObject({ currentPeriodEnd: '2026-04-01T10:00:00.000Z', intervalCount: 1 });
  });

  it('says nothing any more once another stands in its place', () => {
    expect(standing(subscription('ACTIVE'), { ...chain, replaced: true })).toBeNull();
    expect(standing(subscription('EXPIRED', { canceledStateContext: { replacementCancellation: {} } }))).toBeNull();
    expect(
      standing(subscription('EXPIRED', { canceledStateContext: { systemInitiatedCancellation: {} } })),
    ).not.toBeNull();
  });

  it('is the product that is owned, and not the one that a deferred change will bring', () => {
    const next = {
      ...item({ productId: 'basic', expiryTime: '2026-12-01T10:00:00Z' }),
      latestSuccessfulOrderId: undefined,
    };
    expect(standing(subscription('ACTIVE', { lineItems: [next, item()] }))).toMatchObject({ priceRef: 'pro:monthly' });
  });

  it('is found by the account of the purchase before it where it was bought outside the app', () => {
    const before = { expiredExternalAccountIdentifiers: { obfuscatedExternalAccountId: accountTokenOf(CUSTOMER) } };
    const change = { externalAccountIdentifiers: undefined, outOfAppPurchaseContext: before };
    expect(standing(subscription('ACTIVE', change))).toMatchObject({ ownerId: CUSTOMER });
    expect(standing(subscription('ACTIVE', { externalAccountIdentifiers: undefined }))).toMatchObject({
      ownerId: null,
    });
  });

  it.each([
    ['a state nobody knows', subscription('ASLEEP')],
    ['no state', subscription('ACTIVE', { subscriptionState: undefined })],
    ['no product', subscription('ACTIVE', { lineItems: [] })],
    ['no base plan', subscription('ACTIVE', {}, { offerDetails: {} })],
    ['no end', subscription('ACTIVE', {}, { expiryTime: undefined })],
  ])('cannot be read with %s', (_what, one) => {
    expect(() => subscriptionFacts('token', one, order(), chain, said)).toThrow(/cannot be read/);
  });
});

describe('an order', () => {
  const kinds = (one: GoogleOrder, whose = of): string[] => orderFacts(one, whose, said).map(({ kind }) => kind);

  it('is an invoice that is paid, and its payment', () => {
    const [invoice, payment] = orderFacts(order(), of, said);
    expect(invoice).toMatchObject({
      ...{ objectId: 'GPA.1..2', aggregate: 'google:root' },
      payload: {
        ...{ status: 'paid', billingReason: 'subscription_cycle', total: 2_900, tax: 0, subscriptionRef: 'root' },
        ...{ periodEnd: '2026-03-01T10:00:00.000Z', paidAt: '2026-02-01T10:00:00.000Z' },
        lines: [{ priceRef: 'pro:monthly', amount: 2_900, quantity: 1 }],
      },
    });
    expect(payment).toMatchObject({ payload: { amount: 2_900, status: 'succeeded', invoiceRef: 'GPA.1..2' } });
  });

  it.each([
    ['PENDING', []],
    ['CANCELED', []],
    ['PROCESSED', ['invoice.snapshot', 'payment.snapshot']],
  ])('that is %s tells %j', (state, told) => {
    expect(kinds(order({ state }))).toEqual(told);
  });

  it('over nothing, or of a tester, has no payment', () => {
    expect(kinds(order({ total: usd('0') }))).toEqual(['invoice.snapshot']);
    expect(kinds(order(), { ...of, test: true })).toEqual(['invoice.snapshot']);
  });

  it.each([
    ['the first', { orderId: 'GPA.1' }, of, 'subscription_create'],
    ['the first of an upgrade', { orderId: 'GPA.1' }, { ...of, replaces: true }, 'subscription_update'],
    ['what is bought once', { orderId: 'GPA.1' }, { ...of, renews: false }, 'purchase'],
  ])('says for %s what it was for', (_what, change, whose, billingReason) => {
    expect(orderFacts(order(change), whose, said)[0]).toMatchObject({ payload: { billingReason } });
  });

  it('is given back in parts, and then what is left', () => {
    const part = {
      createTime: '2026-02-02T10:00:00Z',
      processTime: '2026-02-02T10:05:00Z',
      refundDetails: { total: usd('9') },
    };
    const unprocessed = { createTime: '2026-02-03T10:00:00Z', refundDetails: { total: usd('5') } };
    const refundEvent = { eventTime: '2026-02-04T10:00:00Z', refundReason: 'CHARGEBACK' };
    const facts = orderFacts(
      order({ orderHistory: { partialRefundEvents: [part, unprocessed], refundEvent } }),
      of,
      said,
    );
    expect(facts.slice(2).map(({ objectId, payload }) => [objectId, payload])).toEqual([
      [
        `GPA.1..2/${Date.parse('2026-02-02T10:00:00Z')}`,
        expect.objectContaining({ amount: 900, paymentRef: 'GPA.1..2' }),
      ],
      [
        'GPA.1..2',
        expect.objectContaining({ amount: 2_000, reason: 'chargeback', createdAt: '2026-02-04T10:00:00.000Z' }),
      ],
    ]);
  });

  it('of pieces says how many of them were taken back', () => {
    const once = { ...of, renews: false };
    const lineItems = [{ productId: 'credits', oneTimePurchaseDetails: { quantity: 3 } }];
    const [whole, part] = [once, { ...once, returned: 200_000 }].map((whose) =>
      orderFacts(order({ lineItems }), whose, said),
    );
    expect(whole?.[0]).toMatchObject({ payload: { lines: [{ quantity: 3, amount: 2_900 }] } });
    expect(whole?.[0]).not.toMatchObject({ payload: { lines: [{ returned: expect.anything() as number }] } });
    expect(part?.[0]).toMatchObject({ payload: { amountPaid: 2_900, lines: [{ quantity: 3, returned: 200_000 }] } });
  });

  it('that was renewed has those before it', () => {
    expect(earlierOrders('GPA.1..2')).toEqual(['GPA.1..1', 'GPA.1..0', 'GPA.1']);
    expect(earlierOrders('GPA.1')).toEqual([]);
  });
});

it.each([
  ['PURCHASED', 'PENDING', { completedAt: '2026-02-01T10:00:00.000Z', ended: false, acknowledged: false }],
  ['PURCHASED', 'ACKNOWLEDGED', { ended: true, acknowledged: true }],
  ['PENDING', 'PENDING', { completedAt: null, ended: false }],
  ['CANCELLED', 'PENDING', { completedAt: null, ended: true }],
])('what is bought once and is %s and %s', (purchaseState, acknowledged, shown) => {
  const one: GoogleProduct = {
    purchaseStateContext: { purchaseState },
    acknowledgementState: `ACKNOWLEDGEMENT_STATE_${acknowledged}`,
    productLineItem: [{ productId: 'lifetime' }],
    ...(purchaseState === 'PURCHASED' && { purchaseCompletionTime: '2026-02-01T10:00:00Z' }),
  };
  expect(productFacts('token', one, said)).toMatchObject([
    { objectId: 'token', aggregate: 'google:token', payload: { kind: 'product', productRef: 'lifetime', ...shown } },
  ]);
});

it.each([
  ['nothing said', 'PURCHASED', {}, 0],
  ['one piece', 'PURCHASED', { quantity: 1, refundableQuantity: 1 }, 0],
  ['some of several', 'PURCHASED', { quantity: 5, refundableQuantity: 3 }, 200_000],
  ['all of several', 'PURCHASED', { quantity: 5, refundableQuantity: 0 }, 500_000],
  ['several, given back whole', 'CANCELLED', { quantity: 5 }, 500_000],
])('of what is bought once was taken back, with %s, %s', (_what, purchaseState, productOfferDetails, returned) => {
  const one = {
    purchaseStateContext: { purchaseState },
    productLineItem: [{ productId: 'credits', productOfferDetails }],
  };
  expect(returnedOf(one)).toBe(returned);
});
