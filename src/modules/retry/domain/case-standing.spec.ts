import type { Candidate, StandingCase } from '../dunning-case';
import { caseChanges } from './case-standing';

const NOW = new Date('2026-03-01T00:00:00Z');
const candidate: Candidate = {
  ...{ customerId: 'cust_1', subscriptionId: 'sub_1', invoiceId: 'inv_1', provider: 'stripe' },
  ...{ openedAt: new Date('2026-02-15T11:00:00Z'), graceUntil: new Date('2026-02-22T11:00:00Z') },
};
const standing: StandingCase = {
  ...candidate,
  ...{ id: 'case_1', owner: 'kassa', status: 'open', closeReason: null, closedAt: null, takenOverAt: null },
  ...{ holdReason: null, endAction: null, endInvoice: null, endingAt: null, nextActionAt: null, failures: 0 },
  ...{ latePaidAt: null, createdAt: candidate.openedAt, invoicePaidAt: null },
  ...{ invoiceStatus: 'open', subscriptionStatus: 'past_due' },
};
const none = { close: [], open: [], amend: [], latePaid: [] };

describe('cases', () => {
  it('are opened for what is declined and has none', () => {
    expect(caseChanges([candidate], [], NOW)).toEqual({ ...none, open: [candidate] });
  });

  it('stay as they are while nothing changes', () => {
    expect(caseChanges([candidate], [standing], NOW)).toEqual(none);
  });

  it('follow the first failure, whenever it is told', () => {
    const openedAt = new Date('2026-02-14T11:00:00Z');
    const { graceUntil } = candidate;
    expect(caseChanges([{ ...candidate, openedAt }], [standing], NOW)).toEqual({
      ...none,
      amend: [{ caseId: 'case_1', openedAt, graceUntil }],
    });
  });

  it('give way to an invoice that was declined before', () => {
    const first = { ...candidate, invoiceId: 'inv_0' };
    expect(caseChanges([first], [standing], NOW)).toMatchObject({ open: [first], close: [{ reason: 'superseded' }] });
  });

  it.each<[string, Partial<StandingCase>, object]>([
    ['paid', { invoiceStatus: 'paid' }, { status: 'recovered', reason: 'paid' }],
    ['made void', { invoiceStatus: 'void' }, { status: 'closed', reason: 'voided' }],
    ['given up', { invoiceStatus: 'uncollectible' }, { status: 'closed', reason: 'uncollectible' }],
    ['canceled', { subscriptionStatus: 'canceled' }, { status: 'closed', reason: 'subscription_canceled' }],
    ['paused', { subscriptionStatus: 'paused' }, { status: 'closed', reason: 'subscription_paused' }],
    ['unpaid', { subscriptionStatus: 'unpaid' }, { status: 'closed', reason: 'subscription_unpaid' }],
    [
      'ended by the provider',
      { owner: 'provider', subscriptionStatus: 'canceled' },
      { status: 'exhausted', reason: 'grace_over' },
    ],
  ])('are closed when it is %s', (_title, more, expected) => {
    expect(caseChanges([], [{ ...standing, ...more }], NOW).close).toEqual([expect.objectContaining(expected)]);
  });

  it.each<[string, Partial<StandingCase>, number]>([
    ['is left to whoever ends it', { subscriptionStatus: 'canceled' }, 0],
    ['is left to him though it is paid by then', { subscriptionStatus: 'canceled', invoiceStatus: 'paid' }, 0],
    ['is recovered where it was paid before anything ended', { invoiceStatus: 'paid' }, 1],
  ])('that is being ended %s', (_title, more, closed) => {
    const ending = { ...standing, endingAt: NOW, ...more };
    expect(caseChanges([], [ending], NOW).close).toHaveLength(closed);
  });

  it('that were marked unpaid are recovered whenever they are paid', () => {
    const unpaid = { ...standing, status: 'exhausted' as const, endAction: 'mark_unpaid' as const, endingAt: NOW };
    expect(caseChanges([], [{ ...unpaid, invoiceStatus: 'paid', subscriptionStatus: 'active' }], NOW)).toMatchObject({
      close: [{ status: 'recovered', reason: 'paid' }],
      latePaid: [],
    });
  });

  it('tell of a payment that came too late, once', () => {
    const exhausted = { ...standing, status: 'exhausted' as const, invoiceStatus: 'paid' as const };
    expect(caseChanges([], [exhausted], NOW)).toEqual({ ...none, latePaid: [exhausted] });
    expect(caseChanges([], [{ ...exhausted, latePaidAt: NOW }], NOW)).toEqual(none);
  });
});
