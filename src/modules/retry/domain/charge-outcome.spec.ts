import { business, conflict, provider, unavailable } from '../../../shared/app-error';
import { outcomeOfError, outcomeOfStatus } from './charge-outcome';

describe('what became of a charge', () => {
  it.each<[Parameters<typeof outcomeOfStatus>[0], object]>([
    ['paid', { kind: 'succeeded' }],
    ['open', { kind: 'unknown', errorType: 'processing' }],
    ['void', { kind: 'skipped', errorType: 'void' }],
    ['uncollectible', { kind: 'skipped' }],
  ])('of an invoice that is %s then', (status, expected) => {
    expect(outcomeOfStatus(status)).toMatchObject(expected);
  });

  const declined = { declineCode: 'lost_card', adviceCode: 'do_not_try_again', networkAdviceCode: '03' };
  it.each<[string, unknown, object]>([
    [
      'a decline',
      business('PAYMENT_FAILED', 'x', declined),
      { kind: 'failed', errorType: 'declined', decline: declined },
    ],
    [
      'a decline that an earlier run met',
      { kind: 'business', code: 'PAYMENT_FAILED', details: declined },
      { decline: declined },
    ],
    [
      'nothing to charge',
      business('PAYMENT_METHOD_REQUIRED', 'x'),
      { errorType: 'method_required', decline: { declineCode: 'payment_method_required' } },
    ],
    [
      'a bank that wants the customer',
      business('PROVIDER_REFUSED', 'x', { stripeCode: 'invoice_payment_intent_requires_action' }),
      { errorType: 'declined', decline: { declineCode: 'invoice_payment_intent_requires_action' } },
    ],
    [
      'another refusal',
      business('PROVIDER_REFUSED', 'x', { stripeCode: null }),
      { kind: 'failed', errorType: 'refused', decline: { declineCode: null } },
    ],
    ['one that was paid meanwhile', business('INVALID_STATE_TRANSITION', 'x'), { kind: 'skipped' }],
    ['somebody else who charges', conflict('REQUEST_IN_PROGRESS', 'x'), { kind: 'busy' }],
    ['a run that never came to the provider', conflict('INTENT_ABANDONED', 'x'), { kind: 'abandoned' }],
    ['a lost answer', provider('PROVIDER_ERROR', 'x', {}), { kind: 'unknown', errorType: 'provider_error' }],
    ['a provider that is busy', unavailable('PROVIDER_BUSY', 'x', 5), { kind: 'unknown' }],
    ['a bug', new TypeError('x'), { kind: 'unknown', errorType: 'unexpected' }],
  ])('after %s', (_title, error, expected) => {
    expect(outcomeOfError(error)).toMatchObject(expected);
  });
});
