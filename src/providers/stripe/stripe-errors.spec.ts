import Stripe from 'stripe';
import { AppError, business } from '../../shared/app-error';
import { failureClassOf } from '../../shared/retry-policy';
import { retryAfterSeconds, toAppError } from './stripe-errors';

const { errors } = Stripe;
type Raw = ConstructorParameters<typeof errors.StripeError>[0];

function raw(more: object): Raw {
  return { message: 'Your card 4242 of cus_secret', headers: {}, ...more };
}

describe('toAppError', () => {
  it.each<[string, unknown, Partial<AppError>]>([
    [
      'a declined card',
      new errors.StripeCardError(
        raw({ statusCode: 402, code: 'card_declined', decline_code: 'lost_card', advice_code: 'do_not_try_again' }),
      ),
      {
        kind: 'business',
        code: 'PAYMENT_FAILED',
        details: { declineCode: 'lost_card', adviceCode: 'do_not_try_again' },
      },
    ],
    [
      'a card that needs its owner',
      new errors.StripeCardError(raw({ statusCode: 402, code: 'authentication_required' })),
      {
        kind: 'business',
        code: 'PAYMENT_FAILED',
        details: { declineCode: 'authentication_required', adviceCode: null },
      },
    ],
    [
      'an object that is not there',
      new errors.StripeInvalidRequestError(raw({ statusCode: 404, code: 'resource_missing', param: 'id' })),
      {
        kind: 'not_found',
        code: 'PROVIDER_OBJECT_NOT_FOUND',
        details: { stripeCode: 'resource_missing', param: 'id' },
      },
    ],
    [
      'a request it refuses',
      new errors.StripeInvalidRequestError(raw({ statusCode: 400 })),
      { kind: 'business', code: 'PROVIDER_REFUSED', details: { stripeCode: null, param: null } },
    ],
    [
      'an address that tax cannot be computed for',
      new errors.StripeInvalidRequestError(raw({ statusCode: 400, code: 'customer_tax_location_invalid' })),
      { kind: 'business', code: 'TAX_ADDRESS_INVALID', details: {} },
    ],
    [
      'a tax id that is none',
      new errors.StripeInvalidRequestError(raw({ statusCode: 400, code: 'tax_id_invalid', param: 'value' })),
      { kind: 'validation', code: 'TAX_ID_INVALID', details: {} },
    ],
    [
      'too many requests',
      new errors.StripeRateLimitError(raw({ statusCode: 429, headers: { 'retry-after': '7' } })),
      { kind: 'unavailable', code: 'PROVIDER_BUSY', retryAfterSeconds: 7 },
    ],
    [
      'too many requests, without saying how long',
      new errors.StripeRateLimitError(raw({ statusCode: 429 })),
      { kind: 'unavailable', code: 'PROVIDER_BUSY', retryAfterSeconds: 5 },
    ],
    [
      'a wrong key',
      new errors.StripeAuthenticationError(raw({ statusCode: 401 })),
      { kind: 'provider', details: { replayable: false } },
    ],
    [
      'a key too weak',
      new errors.StripePermissionError(raw({ statusCode: 403 })),
      { kind: 'provider', details: { replayable: false } },
    ],
    [
      'a failure of its own, which its idempotency layer would repeat',
      new errors.StripeAPIError(raw({ statusCode: 500 })),
      { kind: 'provider', code: 'PROVIDER_ERROR', details: { replayable: true } },
    ],
    [
      'a lost connection',
      new errors.StripeConnectionError(raw({})),
      { kind: 'provider', code: 'PROVIDER_ERROR', details: { replayable: false } },
    ],
    [
      'something else altogether',
      new TypeError('fetch failed'),
      { kind: 'provider', code: 'PROVIDER_ERROR', details: { replayable: false } },
    ],
    ['a thrown text', 'boom', { kind: 'provider', details: { replayable: false } }],
  ])('%s', (_title, error, expected) => {
    const said = toAppError(error);
    expect(said).toMatchObject(expected);
    expect(`${said.message} ${JSON.stringify(said.details)}`).not.toMatch(/4242|cus_secret/);
  });

  it('lets our own errors pass', () => {
    const own = business('X', 'x');
    expect(toAppError(own)).toBe(own);
  });

  it('two requests under one idempotency key are met again, not given up', () => {
    const same = new errors.StripeIdempotencyError(raw({ statusCode: 409 }));
    expect(failureClassOf(toAppError(same).kind)).toBe('transient');
  });
});

describe('retryAfterSeconds', () => {
  it.each([
    [{ 'retry-after': '3' }, 3],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, null],
    [{ 'retry-after': '-1' }, null],
    [{}, null],
    [undefined, null],
  ])('%j is %j', (headers, expected) => {
    expect(retryAfterSeconds(new errors.StripeRateLimitError(raw({ headers })))).toBe(expected);
  });
});
