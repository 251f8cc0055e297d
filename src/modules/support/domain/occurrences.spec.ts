import { firstOccurrence, occurredAgain, type Occurrence, type TicketDetails } from './occurrences';

const told = (id: string, code = 'PRICE_UNKNOWN'): Occurrence => ({ id, code, at: '2026-01-01T00:00:00.000Z' });

describe('occurrences of a cause', () => {
  it('counts, and keeps the newest details', () => {
    const first = firstOccurrence({ code: 'A', type: 'invoice.paid' }, told('out_1', 'A'));
    expect(first).toEqual({ code: 'A', type: 'invoice.paid', count: 1, occurrences: [told('out_1', 'A')] });
    expect(occurredAgain(first, { code: 'B' }, told('out_2', 'B'))).toEqual({
      code: 'B',
      type: 'invoice.paid',
      count: 2,
      occurrences: [told('out_1', 'A'), told('out_2', 'B')],
    });
  });

  it('counts what is told twice once, also when something was told in between', () => {
    const two = occurredAgain(firstOccurrence({}, told('out_1')), {}, told('out_2')) as TicketDetails;
    expect(occurredAgain(two, {}, told('out_1'))).toBeNull();
    expect(occurredAgain(two, {}, told('out_2'))).toBeNull();
  });

  it('counts all and keeps the latest twenty', () => {
    let details = firstOccurrence({}, told('out_0'));
    for (let i = 1; i < 50; i += 1) details = occurredAgain(details, {}, told(`out_${i}`)) ?? details;
    expect(details.count).toBe(50);
    expect(details.occurrences.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => `out_${i + 30}`));
  });
});
