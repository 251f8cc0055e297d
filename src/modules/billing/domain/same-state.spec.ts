import type { Fact, Stored } from '../../../shared/facts';
import { compareWithFacts, type Comparison } from './same-state';

const T = Date.UTC(2026, 2, 1);
const at = (second: number): Date => new Date(T + second * 1000);

const INVOICE = {
  customerRef: 'cus_1',
  status: 'open',
  amountDue: 900,
  hostedUrl: 'https://a',
  pdfUrl: null,
  lines: [],
};
const PAYMENT = { customerRef: 'cus_1', status: 'pending', amount: 900, method: null };

function fact(objectType: 'invoice' | 'payment', kind: string, second: number, payload: object, id = '1'): Stored {
  return {
    provider: 'stripe',
    objectType,
    objectId: `${objectType}_${id}`,
    aggregate: 'stripe:cus_1',
    kind: `${objectType}.${kind}`,
    occurredAt: at(second),
    sourceId: `evt_${kind}_${second}`,
    payload,
    before: null,
    id: `fact_${kind}_${second}`,
    seq: BigInt(second),
  } as unknown as Stored;
}

function compare(seen: Fact[], second: number, known: readonly Stored[]): Comparison {
  const knownOf = (of: Fact): Stored[] => known.filter(({ objectId }) => objectId === of.objectId);
  return compareWithFacts({ facts: seen, answeredAt: at(second) }, knownOf);
}

describe('what a list shows, beside what is known', () => {
  const open = fact('invoice', 'finalized', 1, INVOICE);
  const asSeen = (more: object = {}): Fact[] => [fact('invoice', 'snapshot', 9, { ...INVOICE, ...more })];

  it('is unknown where nobody has told of it', () => {
    expect(compare(asSeen(), 9, [])).toMatchObject({ verdict: 'unknown', lastFactId: null });
    const linked = fact('payment', 'linked', 1, { invoiceRef: 'in_1' });
    expect(compare([fact('payment', 'snapshot', 9, PAYMENT)], 9, [linked])).toMatchObject({ verdict: 'unknown' });
  });

  it('is the same whatever its keys’ order, its links and what is told apart', () => {
    const { lines, ...rest } = INVOICE;
    const shuffled = { lines, ...rest, hostedUrl: 'https://b', pdfUrl: 'https://c' };
    expect(compare(asSeen(shuffled), 9, [open])).toMatchObject({ verdict: 'same', lastFactId: open.id });
    const card = { method: { type: 'card', brand: 'visa', last4: '4242' } };
    const seen = [fact('payment', 'snapshot', 9, { ...PAYMENT, ...card })];
    expect(compare(seen, 9, [fact('payment', 'created', 1, PAYMENT)])).toMatchObject({ verdict: 'same' });
  });

  it('differs where the state does, and two states never look alike', () => {
    const paid = compare(asSeen({ status: 'paid' }), 9, [open]);
    const voided = compare(asSeen({ status: 'void' }), 9, [open]);
    expect(paid).toMatchObject({ verdict: 'different', lastFactId: open.id });
    expect(paid.seen).not.toBe(voided.seen);
  });

  it('differs where it is not known which payment has paid it', () => {
    const seen = [...asSeen(), fact('payment', 'linked', 9, { invoiceRef: 'invoice_1' })];
    expect(compare(seen, 9, [open])).toMatchObject({ verdict: 'different' });
    expect(compare(seen, 9, [open, fact('payment', 'linked', 2, { invoiceRef: 'invoice_2' })])).toMatchObject({
      verdict: 'different',
    });
    expect(compare(seen, 9, [open, fact('payment', 'linked', 2, { invoiceRef: 'invoice_1' })])).toMatchObject({
      verdict: 'same',
    });
  });

  it('says nothing where something newer is known', () => {
    const later = fact('invoice', 'paid', 10, { ...INVOICE, status: 'paid' });
    expect(compare(asSeen(), 9, [open, later])).toMatchObject({ verdict: 'underway' });
  });
});
