import { isAppError } from '../../shared/app-error';
import { seenObject, translateSeen } from './stripe-seen';

const T = 1_780_000_000;
const ANSWERED = new Date((T + 100) * 1000);
const INVOICE = {
  id: 'in_1',
  object: 'invoice',
  customer: 'cus_1',
  created: T,
  number: 'A-1',
  status: 'paid',
  billing_reason: 'subscription_cycle',
  currency: 'usd',
  total: 2900,
  total_taxes: [],
  amount_due: 2900,
  amount_paid: 2900,
  amount_remaining: 0,
  starting_balance: 0,
  ending_balance: 0,
  attempt_count: 1,
  next_payment_attempt: null,
  period_start: T,
  period_end: T + 60,
  status_transitions: { finalized_at: T, paid_at: T + 1 },
  lines: { data: [] },
};
const part = (status: string, intent: string | null) => ({ status, payment: { type: 'x', payment_intent: intent } });

describe('an object seen in a list', () => {
  it('says what is needed to store it', () => {
    expect(seenObject('invoice', { ...INVOICE, customer: { id: 'cus_1' } }, ANSWERED)).toMatchObject({
      objectType: 'invoice',
      objectId: 'in_1',
      createdAt: new Date(T * 1000),
      aggregate: 'stripe:cus_1',
    });
    expect(seenObject('payment', { ...INVOICE, customer: null }, ANSWERED).aggregate).toBeNull();
  });

  it('becomes a snapshot at the second of the answer, from its bytes alone, with the payments that paid it', () => {
    const payments = { data: [part('paid', 'pi_1'), part('open', 'pi_2'), part('paid', null)] };
    const { rawBody } = seenObject('invoice', { ...INVOICE, payments } as typeof INVOICE, ANSWERED);
    const said = translateSeen('seen:1', rawBody);
    const base = { aggregate: 'stripe:cus_1', occurredAt: ANSWERED, sourceId: 'seen:1', before: null };
    expect(said).toEqual({
      kind: 'facts',
      aggregate: 'stripe:cus_1',
      facts: [
        expect.objectContaining({ ...base, kind: 'invoice.snapshot', objectId: 'in_1' }),
        expect.objectContaining({ ...base, kind: 'payment.linked', objectId: 'pi_1', payload: { invoiceRef: 'in_1' } }),
      ],
    });
    expect(translateSeen('seen:1', rawBody)).toEqual(said);
  });

  it('is nobody’s of ours without a customer', () => {
    const intent = { ...INVOICE, id: 'pi_1', object: 'payment_intent', customer: null };
    expect(translateSeen('seen:1', seenObject('payment', intent, ANSWERED).rawBody)).toMatchObject({ kind: 'ignored' });
  });

  it.each([{ currency: 'zzz' }, { lines: null }, { status: 'dormant' }, { period_end: 'soon' }])(
    'is refused for good where it cannot be: %j',
    (absurd) => {
      const { rawBody } = seenObject('invoice', { ...INVOICE, ...absurd }, ANSWERED);
      let refusal: unknown;
      try {
        translateSeen('seen:1', rawBody);
      } catch (error) {
        refusal = error;
      }
      expect(isAppError(refusal) && refusal.kind).toBe('validation');
    },
  );
});
