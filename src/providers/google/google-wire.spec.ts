import { isAppError } from '../../shared/app-error';
import { translateGoogleNotification, typeNameOf } from './google-translator';
import { pushBody, readPush } from './google-wire';

const OURS = 'com.example.kassa';

function bodyOf(told: unknown, message: object = {}): Buffer {
  const data = Buffer.from(JSON.stringify(told)).toString('base64');
  return Buffer.from(JSON.stringify({ message: { messageId: '136', data, ...message }, subscription: 's' }));
}

const told = (more: object): object => ({
  ...{ version: '1.0', packageName: OURS, eventTimeMillis: '1767225600000' },
  ...more,
});
const subscription = (notificationType: number): object => ({
  subscriptionNotification: { version: '1.0', notificationType, purchaseToken: 'token-1' },
});

function meaningOf(body: Buffer): object {
  return translateGoogleNotification(readPush(body), OURS);
}

it.each([
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 99].map((type) => [`subscription ${type}`, subscription(type)]),
  [
    'product',
    { oneTimeProductNotification: { version: '1.0', notificationType: 1, purchaseToken: 'token-1', sku: 'x' } },
  ],
] as [string, object][])('is a hint to read the purchase: %s', (_what, about) => {
  expect(meaningOf(bodyOf(told(about)))).toEqual({ kind: 'read', objectType: 'purchase', objectId: 'token-1' });
});

it('finds what was given back by its order', () => {
  const voided = { purchaseToken: 'token-1', orderId: 'GPA.1-2..0', productType: 1, refundType: 1 };
  expect(meaningOf(bodyOf(told({ voidedPurchaseNotification: voided })))).toEqual({
    ...{ kind: 'read', objectType: 'invoice', objectId: 'GPA.1-2..0' },
  });
});

it.each([
  ['a test', { testNotification: { version: '1.0' } }, { kind: 'ignored' }],
  ['what is new', { somethingNewNotification: { purchaseToken: 'x' } }, { kind: 'ignored' }],
  ["another app's", { ...subscription(2), packageName: 'com.example.other' }, { kind: 'ignored', alert: true }],
])('leaves alone %s', (_what, about, meaning) => {
  expect(meaningOf(bodyOf(told(about)))).toMatchObject(meaning);
});

it.each(['1767225600000', 1767225600000])('reads the time %j, and a version that is a number', (eventTimeMillis) => {
  const { eventTime } = readPush(bodyOf(told({ ...subscription(2), version: 1, eventTimeMillis })));
  expect(eventTime).toEqual(new Date('2026-01-01T00:00:00Z'));
});

it.each([
  [subscription(2), 'subscription.RENEWED'],
  [subscription(77), 'subscription.77'],
  [{ testNotification: {} }, 'test'],
])('%j is called %s', (about, name) => {
  expect(typeNameOf(readPush(bodyOf(told(about))))).toBe(name);
});

it('reads what we put there ourselves', () => {
  const body = pushBody('reread:1', { packageName: OURS, at: new Date(1), kassaReread: { purchaseToken: 'token-1' } });
  expect(readPush(body)).toMatchObject({ messageId: 'reread:1', subject: { kind: 'reread', token: 'token-1' } });
});

const broken: readonly [string, Buffer][] = [
  ['nothing', Buffer.from('')],
  ['no JSON', Buffer.from('message=x')],
  ['a list', Buffer.from('[]')],
  ['no message', Buffer.from('{"subscription":"s"}')],
  ['no id', bodyOf(told(subscription(2)), { messageId: '' })],
  ['an id with NUL', bodyOf(told(subscription(2)), { messageId: 'a\u0000b' })],
  ['an id of 10 kB', bodyOf(told(subscription(2)), { messageId: 'a'.repeat(10_000) })],
  ['no data', bodyOf({}, { data: undefined })],
  ['garbage', bodyOf({}, { data: '%%%' })],
  ['base64 cut off', bodyOf({}, { data: 'eyJ2ZXJzaW9uIjoi' })],
  ['base64 of no JSON', bodyOf({}, { data: 'AAEC' })],
  ['base64 of a list', bodyOf([])],
  ['no app', bodyOf({ ...told(subscription(2)), packageName: undefined })],
  ['no time', bodyOf({ ...told(subscription(2)), eventTimeMillis: 'soon' })],
  ['a time below zero', bodyOf({ ...told(subscription(2)), eventTimeMillis: -1 })],
  ['two things', bodyOf(told({ ...subscription(2), testNotification: {} }))],
  ['a thing that is none', bodyOf(told({ subscriptionNotification: 'x' }))],
  ['no token', bodyOf(told({ subscriptionNotification: { notificationType: 2 } }))],
  ['a token with a slash', bodyOf(told({ subscriptionNotification: { notificationType: 2, purchaseToken: '../x' } }))],
  [
    'a token of 10 kB',
    bodyOf(told({ subscriptionNotification: { notificationType: 2, purchaseToken: 'x'.repeat(1e4) } })),
  ],
  ['a type that is text', bodyOf(told({ subscriptionNotification: { notificationType: '2', purchaseToken: 'x' } }))],
  ['no order', bodyOf(told({ voidedPurchaseNotification: { purchaseToken: 'x' } }))],
];

it.each(broken)('refuses %s', (_what, body) => {
  let refusal: unknown;
  try {
    readPush(body);
  } catch (error) {
    refusal = error;
  }
  expect(isAppError(refusal) && [refusal.kind, refusal.code]).toEqual(['validation', 'INVALID_INPUT']);
});
