import { newId } from '../../shared/ids';
import type { Fact } from '../../shared/facts';
import { accountTokenOf } from '../account-token';
import { translateAppleNotification } from './apple-translator';
import type { AppleNotification, AppleRenewal, AppleTransaction } from './apple-wire';

const DAY = 86_400_000;
const BOUGHT = Date.parse('2026-05-01T10:00:00Z');
const ENDS = Date.parse('2026-06-01T10:00:00Z');
const OWNER = newId('cust', BOUGHT);

function transaction(change: Partial<AppleTransaction> = {}): AppleTransaction {
  return {
    ...{ transactionId: '2000', originalTransactionId: '1000', bundleId: 'app', productId: 'pro.monthly', quantity: 1 },
    ...{ purchaseDate: BOUGHT, originalPurchaseDate: BOUGHT - 30 * DAY, expiresDate: ENDS, signedDate: BOUGHT + 1 },
    ...{ type: 'Auto-Renewable Subscription', environment: 'Production', inAppOwnershipType: 'PURCHASED' },
    ...{ transactionReason: 'RENEWAL', currency: 'USD', price: 29_000, appAccountToken: accountTokenOf(OWNER) },
    ...change,
  };
}

function renewal(change: AppleRenewal = {}): AppleRenewal {
  const productId = 'pro.monthly';
  return { originalTransactionId: '1000', productId, autoRenewProductId: productId, autoRenewStatus: 1, ...change };
}

function told(type: string, subtype: string | null, change: Partial<AppleNotification> = {}): AppleNotification {
  return {
    ...{ id: 'uuid-1', type, subtype, signedDate: BOUGHT + 5, environment: 'Production', status: 1 },
    ...{ transaction: transaction(), renewal: renewal() },
    ...change,
  };
}

function factsOf(notification: AppleNotification): Fact[] {
  const said = translateAppleNotification(notification);
  if (said.kind !== 'facts') throw new Error(`it is ${said.kind}`);
  expect(said.aggregate).toBe('apple:1000');
  for (const fact of said.facts) {
    const { id: sourceId, signedDate } = notification;
    expect(fact).toMatchObject({
      provider: 'apple',
      aggregate: 'apple:1000',
      sourceId,
      occurredAt: new Date(signedDate),
    });
  }
  return said.facts;
}

function ofType<T extends Fact['objectType']>(
  facts: readonly Fact[],
  type: T,
): Extract<Fact, { objectType: T }> | null {
  return (facts.find(({ objectType }) => objectType === type) as Extract<Fact, { objectType: T }> | undefined) ?? null;
}

describe('the table of types', () => {
  const grace = renewal({ gracePeriodExpiresDate: ENDS + 16 * DAY, isInBillingRetryPeriod: true });
  const rows: [string, string | null, Partial<AppleNotification>, string, string, object][] = [
    ['SUBSCRIBED', 'INITIAL_BUY', {}, 'subscription.created', 'active', {}],
    ['SUBSCRIBED', 'RESUBSCRIBE', {}, 'subscription.created', 'active', {}],
    ['OFFER_REDEEMED', 'INITIAL_BUY', {}, 'subscription.created', 'active', {}],
    ['OFFER_REDEEMED', 'RESUBSCRIBE', {}, 'subscription.created', 'active', {}],
    ['OFFER_REDEEMED', 'UPGRADE', {}, 'subscription.changed', 'active', {}],
    ['OFFER_REDEEMED', 'DOWNGRADE', {}, 'subscription.changed', 'active', {}],
    ['DID_RENEW', null, {}, 'subscription.changed', 'active', { currentPeriodEnd: '2026-06-01T10:00:00.000Z' }],
    ['DID_RENEW', 'BILLING_RECOVERY', {}, 'subscription.changed', 'active', {}],
    [
      ...(['DID_CHANGE_RENEWAL_STATUS', 'AUTO_RENEW_DISABLED', { renewal: renewal({ autoRenewStatus: 0 }) }] as const),
      ...([
        'subscription.changed',
        'active',
        { cancelAtPeriodEnd: true, cancelAt: '2026-06-01T10:00:00.000Z' },
      ] as const),
    ],
    [
      ...(['DID_CHANGE_RENEWAL_STATUS', 'AUTO_RENEW_ENABLED', {}] as const),
      ...(['subscription.changed', 'active', { cancelAtPeriodEnd: false, cancelAt: null }] as const),
    ],
    ['DID_CHANGE_RENEWAL_PREF', 'UPGRADE', {}, 'subscription.changed', 'active', { priceRef: 'pro.monthly' }],
    [
      ...(['DID_CHANGE_RENEWAL_PREF', 'DOWNGRADE', { renewal: renewal({ autoRenewProductId: 'basic' }) }] as const),
      ...(['subscription.changed', 'active', { priceRef: 'pro.monthly', unitAmount: 2_900 }] as const),
    ],
    ['DID_CHANGE_RENEWAL_PREF', null, {}, 'subscription.changed', 'active', {}],
    [
      ...(['DID_FAIL_TO_RENEW', 'GRACE_PERIOD', { status: 4, renewal: grace }] as const),
      ...(['subscription.changed', 'past_due', { graceUntil: '2026-06-17T10:00:00.000Z' }] as const),
    ],
    [
      ...(['DID_FAIL_TO_RENEW', null, { status: 3 }] as const),
      ...(['subscription.changed', 'past_due', { graceUntil: '2026-06-01T10:00:00.000Z' }] as const),
    ],
    [
      ...(['GRACE_PERIOD_EXPIRED', null, { status: 3 }] as const),
      ...(['subscription.changed', 'past_due', { graceUntil: '2026-06-01T10:00:00.000Z' }] as const),
    ],
    ...['VOLUNTARY', 'BILLING_RETRY', 'PRICE_INCREASE', 'PRODUCT_NOT_FOR_SALE'].map(
      (subtype): [string, string, Partial<AppleNotification>, string, string, object] => [
        ...(['EXPIRED', subtype, { status: 2 }] as const),
        ...(['subscription.changed', 'canceled', { endedAt: '2026-06-01T10:00:00.000Z' }] as const),
      ],
    ),
    [
      ...(['REVOKE', null, { status: 5, transaction: transaction({ revocationDate: BOUGHT + DAY }) }] as const),
      ...(['subscription.changed', 'canceled', { endedAt: '2026-05-02T10:00:00.000Z' }] as const),
    ],
    [
      ...(['RENEWAL_EXTENDED', null, { transaction: transaction({ expiresDate: ENDS + 14 * DAY }) }] as const),
      ...(['subscription.changed', 'active', { currentPeriodEnd: '2026-06-15T10:00:00.000Z' }] as const),
    ],
    // What it costs from the next renewal on; until then it is what was agreed.
    ...(['PRICE_INCREASE', 'PRICE_CHANGE'] as const).flatMap((type) =>
      ['PENDING', 'ACCEPTED'].map((subtype): [string, string, Partial<AppleNotification>, string, string, object] => [
        ...([type, subtype, { renewal: renewal({ renewalPrice: 39_000, currency: 'USD' }) }] as const),
        ...(['subscription.changed', 'active', { unitAmount: 2_900, currency: 'USD' }] as const),
      ]),
    ),
    ['MIGRATION', null, {}, 'subscription.changed', 'active', {}],
  ];

  it.each(rows)('%s %s', (type, subtype, change, kind, status, more) => {
    const fact = ofType(factsOf(told(type, subtype, change)), 'subscription');
    expect(fact).toMatchObject({ objectId: '1000', kind });
    expect(fact?.payload).toMatchObject({
      status,
      ownerId: OWNER,
      customerRef: '1000',
      latestInvoiceRef: '2000',
      ...more,
    });
  });

  it.each([
    ['RENEWAL_EXTENSION', 'SUMMARY'],
    ['RENEWAL_EXTENSION', 'FAILURE'],
    ['EXTERNAL_PURCHASE_TOKEN', 'UNREPORTED'],
    ['EXTERNAL_PURCHASE_TOKEN', 'CREATED'],
    ['METADATA_UPDATE', null],
    ['RESCIND_CONSENT', null],
    ['TEST', null],
    ['OF_THE_FUTURE', null],
  ])('%s %s is recorded and changes nothing', (type, subtype) => {
    expect(translateAppleNotification(told(type, subtype, { transaction: null }))).toMatchObject({ kind: 'ignored' });
  });

  const money = ['invoice.paid', 'payment.succeeded'];
  const back = transaction({ revocationDate: BOUGHT + DAY });
  it.each<[string, Partial<AppleNotification>, string[]]>([
    ['CONSUMPTION_REQUEST', {}, money],
    ['REFUND_DECLINED', {}, money],
    ['ONE_TIME_CHARGE', { transaction: transaction({ type: 'Consumable' }), status: null }, money],
    ['REFUND', { transaction: back, status: 5 }, [...money, 'refund.created', 'subscription.changed']],
    ['REFUND', { transaction: { ...back, type: 'Consumable' }, status: null }, [...money, 'refund.created']],
    ['REFUND_REVERSED', {}, [...money, 'refund.changed', 'subscription.created']],
    ['REVOKE', { transaction: { ...back, inAppOwnershipType: 'FAMILY_SHARED' }, status: 5 }, ['subscription.changed']],
  ])('%s, about one transaction, tells of what it is', (type, change, kinds) => {
    expect(factsOf(told(type, null, change)).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('a transaction', () => {
  it('is an invoice that is paid, and a payment, the same in every notification', () => {
    const [first, second] = [told('DID_RENEW', null), told('RENEWAL_EXTENDED', null)].map(factsOf);
    for (const type of ['invoice', 'payment'] as const) {
      expect(ofType(first ?? [], type)?.payload).toEqual(ofType(second ?? [], type)?.payload);
    }
    expect(ofType(first ?? [], 'invoice')).toMatchObject({
      ...{ objectId: '2000', kind: 'invoice.paid' },
      payload: { subscriptionRef: '1000', total: 2_900, amountPaid: 2_900, billingReason: 'subscription_cycle' },
    });
    expect(ofType(first ?? [], 'payment')).toMatchObject({
      ...{ objectId: '2000', kind: 'payment.succeeded' },
      payload: { amount: 2_900, currency: 'USD', status: 'succeeded', invoiceRef: '2000' },
    });
  });

  it.each<[string, number, number]>([
    ['USD', 9_990, 999],
    ['JPY', 1_500_000, 1_500],
    ['KWD', 2_990, 2_990],
  ])('in %s is over what the customer paid, in its minor units', (currency, price, amount) => {
    const facts = factsOf(told('DID_RENEW', null, { transaction: transaction({ currency, price }) }));
    expect(ofType(facts, 'subscription')?.payload).toMatchObject({ unitAmount: amount, currency });
    expect(ofType(facts, 'invoice')?.payload).toMatchObject({
      total: amount,
      tax: 0,
      currency,
      lines: [{ amount, currency }],
    });
    expect(ofType(facts, 'payment')?.payload).toMatchObject({ amount, currency });
  });

  it.each([
    ['Auto-Renewable Subscription', { kind: 'subscription', since: '2026-04-01T10:00:00.000Z' }],
    ['Non-Renewing Subscription', { kind: 'one_time', since: null }],
    ['Consumable', { kind: 'one_time', since: null }],
  ])('says what its commission hangs on, and so does its refund: %s', (type, sale) => {
    const facts = factsOf(told('REFUND', null, { transaction: transaction({ type, revocationDate: BOUGHT + DAY }) }));
    const said = { ...sale, soldAt: '2026-05-01T10:00:00.000Z' };
    expect(ofType(facts, 'payment')?.payload).toMatchObject({ sale: said });
    expect(ofType(facts, 'refund')?.payload).toMatchObject({ sale: said, occurrence: String(BOUGHT + DAY) });
  });

  it('of a trial is an invoice over nothing, without a payment', () => {
    const free = transaction({
      price: 0,
      offerType: 1,
      offerDiscountType: 'FREE_TRIAL',
      transactionReason: 'PURCHASE',
    });
    const renews = renewal({ renewalPrice: 29_000, currency: 'USD' });
    const facts = factsOf(told('SUBSCRIBED', 'INITIAL_BUY', { transaction: free, renewal: renews }));
    expect(ofType(facts, 'payment')).toBeNull();
    expect(ofType(facts, 'invoice')?.payload).toMatchObject({ total: 0, status: 'paid' });
    expect(ofType(facts, 'subscription')?.payload).toMatchObject({
      ...{ status: 'trialing', trialEndsAt: '2026-06-01T10:00:00.000Z', unitAmount: 2_900 },
    });
  });

  it('that the family shares costs nobody anything', () => {
    const shared = transaction({ inAppOwnershipType: 'FAMILY_SHARED' });
    const facts = factsOf(told('SUBSCRIBED', 'INITIAL_BUY', { transaction: shared }));
    expect(facts.map(({ objectType }) => objectType)).toEqual(['subscription']);
  });

  it.each<[string, Partial<AppleTransaction>]>([
    ['shared in the family', { inAppOwnershipType: 'FAMILY_SHARED' }],
    ['bought in the sandbox', { environment: 'Sandbox' }],
    ['of before there were prices', { price: undefined, currency: undefined }],
  ])('that is bought once and %s is granted by an invoice over nothing', (_what, change) => {
    const once = transaction({ type: 'Non-Consumable', expiresDate: undefined, ...change });
    const facts = factsOf(told('ONE_TIME_CHARGE', null, { transaction: once, renewal: null, status: null }));
    expect(facts.map(({ objectType }) => objectType)).toEqual(['invoice']);
    expect(ofType(facts, 'invoice')?.payload).toMatchObject({
      status: 'paid',
      total: 0,
      amountPaid: 0,
      currency: 'USD',
    });
    expect(ofType(facts, 'invoice')?.payload.lines[0]?.returned).toBeUndefined();
    const gone = { ...once, revocationDate: BOUGHT + DAY };
    const after = factsOf(told('REVOKE', null, { transaction: gone, renewal: null, status: null }));
    expect(after.map(({ objectType }) => objectType)).toEqual(['invoice']);
    expect(ofType(after, 'invoice')?.payload.lines).toMatchObject([{ returned: 100_000 }]);
  });

  it('of the sandbox is a subscription like any other, and no money', () => {
    const facts = factsOf(told('DID_RENEW', null, { transaction: transaction({ environment: 'Sandbox' }) }));
    expect(facts.map(({ objectType }) => objectType)).toEqual(['invoice', 'subscription']);
    expect(ofType(facts, 'invoice')?.payload).toMatchObject({ subscriptionRef: '1000', total: 0 });
    expect(ofType(facts, 'subscription')?.payload).toMatchObject({ status: 'active', unitAmount: 2_900 });
  });

  it.each(['Consumable', 'Non-Consumable', 'Non-Renewing Subscription'])('that is bought once: %s', (type) => {
    // The price is that of both.
    const { expiresDate: _end, ...once } = transaction({ type, quantity: 2, price: 58_000 });
    const facts = factsOf(told('ONE_TIME_CHARGE', null, { transaction: once, renewal: null, status: null }));
    expect(facts.map(({ objectType }) => objectType)).toEqual(['invoice', 'payment']);
    expect(ofType(facts, 'invoice')?.payload).toMatchObject({
      ...{ subscriptionRef: null, billingReason: 'purchase', total: 5_800 },
      lines: [{ priceRef: 'pro.monthly', quantity: 2 }],
    });
  });
});

describe('a refund', () => {
  const refunded = { revocationDate: BOUGHT + 2 * DAY, revocationReason: 1 };

  it('of the running period ends it', () => {
    const facts = factsOf(told('REFUND', null, { status: 5, transaction: transaction(refunded) }));
    expect(ofType(facts, 'refund')).toMatchObject({
      ...{ objectId: '2000', kind: 'refund.created' },
      payload: { paymentRef: '2000', amount: 2_900, status: 'succeeded', reason: 'app_issue' },
    });
    expect(ofType(facts, 'subscription')?.payload).toMatchObject({ status: 'canceled', providerStatus: 'revoked' });
  });

  it('of an old period says nothing of the newer one', () => {
    const old = transaction({ ...refunded, expiresDate: BOUGHT + DAY });
    const facts = factsOf(told('REFUND', null, { signedDate: BOUGHT + 3 * DAY, transaction: old }));
    expect(ofType(facts, 'subscription')).toBeNull();
    expect(ofType(facts, 'refund')).not.toBeNull();
  });

  it('of what was upgraded says nothing of what it was upgraded to', () => {
    const facts = factsOf(told('REFUND', null, { transaction: transaction({ ...refunded, isUpgraded: true }) }));
    expect(ofType(facts, 'subscription')).toBeNull();
  });

  it.each([
    [100_000, 2_900],
    [50_000, 1_450],
    [33_333, 966],
  ])('of %d thousandths of a percent gives back %d', (revocationPercentage, amount) => {
    const part = transaction({ ...refunded, revocationPercentage });
    expect(ofType(factsOf(told('REFUND', null, { transaction: part })), 'refund')?.payload.amount).toBe(amount);
  });

  it.each([
    [3, 33_333, 299, 100_000],
    [3, 66_667, 598, 200_000],
    [7, 14_286, 128, 100_000],
    [2, 100_000, 897, 200_000],
    // No number of pieces: a share of what they were used up to.
    [3, 40_000, 358, 120_000],
    [1, 40_000, 358, 40_000],
  ])('of %d pieces, %d thousandths of a percent, is over %d and takes %d away', (quantity, share, amount, returned) => {
    const price = quantity === 7 ? 8_960 : 8_970;
    const change = { ...refunded, type: 'Consumable', quantity, price, revocationPercentage: share };
    const facts = factsOf(told('REFUND', null, { status: null, transaction: transaction(change) }));
    expect(ofType(facts, 'refund')?.payload.amount).toBe(amount);
    expect(ofType(facts, 'invoice')?.payload.lines).toMatchObject([{ quantity, returned }]);
    // What was paid does not change.
    expect(ofType(facts, 'invoice')?.payload.amountPaid).toBe(price / 10);
  });

  it('that is taken back restores what it ended', () => {
    const facts = factsOf(told('REFUND_REVERSED', null, { status: 1 }));
    expect(ofType(facts, 'refund')).toMatchObject({ kind: 'refund.changed', payload: { status: 'canceled' } });
    expect(ofType(facts, 'subscription')).toMatchObject({
      kind: 'subscription.created',
      payload: { status: 'active' },
    });
  });
});

describe('what cannot be', () => {
  it.each([
    ['a type we know without a transaction', told('DID_RENEW', null, { transaction: null })],
    ['a status nobody knows', told('DID_RENEW', null, { status: 6 })],
    ['a currency nobody knows', told('DID_RENEW', null, { transaction: transaction({ currency: 'ZZZ' }) })],
    ['a price that no coins make up', told('DID_RENEW', null, { transaction: transaction({ price: 29_001 }) })],
  ])('is refused for good: %s', (_what, notification) => {
    expect(() => translateAppleNotification(notification)).toThrow(
      expect.objectContaining({ kind: 'validation' }) as Error,
    );
  });

  it('is borne where Apple leaves a status out', () => {
    const expired = told('EXPIRED', 'VOLUNTARY', { status: null, signedDate: ENDS + 1 });
    expect(ofType(factsOf(expired), 'subscription')?.payload.status).toBe('canceled');
    expect(ofType(factsOf(told('DID_RENEW', null, { status: null })), 'subscription')?.payload.status).toBe('active');
  });
});
