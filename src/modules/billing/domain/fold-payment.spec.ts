import type { PaymentFact, PaymentPayload, Stored } from '../../../shared/facts';
import { foldPayment } from './fold-payment';

const T = Date.UTC(2026, 2, 1);

function fact(kind: PaymentFact['kind'], second: number, sourceId: string, payload: object): Stored<PaymentFact> {
  return {
    provider: 'stripe',
    objectType: 'payment',
    objectId: 'pi_1',
    aggregate: 'stripe:cus_1',
    id: `fact of ${sourceId}`,
    seq: 1n,
    kind,
    occurredAt: new Date(T + second * 1000),
    sourceId,
    payload,
    before: null,
  } as Stored<PaymentFact>;
}

function state(status: PaymentPayload['status'], more: Partial<PaymentPayload> = {}): PaymentPayload {
  const base = { customerRef: 'cus_1', amount: 5, currency: 'USD', declineCode: null, method: null };
  return { ...base, createdAt: new Date(T).toISOString(), status, ...more };
}

const CARD = { type: 'card', brand: 'visa', last4: '4242' };
const OTHER = { type: 'card', brand: 'visa', last4: '0341' };

function statusOf(...facts: Stored<PaymentFact>[]): string | undefined {
  const folded = foldPayment(facts);
  expect(foldPayment([...facts].reverse())).toEqual(folded);
  return folded?.payload.status;
}

describe('foldPayment', () => {
  it('knows nothing of a payment that only its invoice or its charge has told of', () => {
    expect(foldPayment([])).toBeNull();
    expect(foldPayment([fact('payment.linked', 0, 'a', { invoiceRef: 'in_1' })])).toBeNull();
    expect(foldPayment([fact('payment.charged', 0, 'a', { method: CARD })])).toBeNull();
  });

  it('gathers state, invoice and method from different events, the last charge naming the method', () => {
    const facts = [
      fact('payment.created', 0, 'a', state('pending')),
      fact('payment.charged', 1, 'b', { method: OTHER }),
      fact('payment.failed', 1, 'c', state('failed', { declineCode: 'insufficient_funds', method: OTHER })),
      fact('payment.charged', 9, 'd', { method: CARD }),
      fact('payment.succeeded', 9, 'e', state('succeeded')),
      fact('payment.linked', 9, 'f', { invoiceRef: 'in_1' }),
    ];
    expect(foldPayment(facts)).toMatchObject({
      payload: { status: 'succeeded', declineCode: null },
      method: CARD,
      invoiceRef: 'in_1',
      factCount: 6,
      verifiedAt: null,
    });
    expect(foldPayment([...facts].reverse())).toEqual(foldPayment(facts));
  });

  it.each<[string, PaymentFact['kind'], PaymentPayload['status']]>([
    ['paid', 'payment.succeeded', 'succeeded'],
    ['canceled', 'payment.canceled', 'canceled'],
  ])('stays %s, whatever a reading of the same second had seen before', (_title, kind, status) => {
    const read = fact('payment.snapshot', 5, 'read:z', state('requires_action'));
    expect(statusOf(read, fact(kind, 5, 'evt_a', state(status)))).toBe(status);
  });

  it('believes a later reading, and a reading that says paid', () => {
    const failed = fact('payment.failed', 5, 'a', state('failed'));
    expect(statusOf(failed, fact('payment.snapshot', 6, 'b', state('pending')))).toBe('pending');
    expect(statusOf(failed, fact('payment.snapshot', 5, 'b', state('succeeded')))).toBe('succeeded');
    expect(foldPayment([failed, fact('payment.snapshot', 6, 'b', state('pending'))])?.verifiedAt).toEqual(
      new Date(T + 6000),
    );
  });

  it('takes declined and paid within one second for paid', () => {
    expect(
      statusOf(fact('payment.succeeded', 5, 'a', state('succeeded')), fact('payment.failed', 5, 'b', state('failed'))),
    ).toBe('succeeded');
  });
});
