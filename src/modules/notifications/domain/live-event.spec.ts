import { toLiveEvent } from './live-event';

const at = new Date('2026-01-01T00:00:00Z');

describe('a live event', () => {
  it('tells ids, states and counts', () => {
    const payload = { subscriptionId: 'sub_1', status: 'active', formerStatus: null, attempt: 2 };
    expect(toLiveEvent({ id: 'out_1', type: 'subscription.updated', payload, occurredAt: at })).toEqual({
      id: 'out_1',
      type: 'subscription.updated',
      data: { subscriptionId: 'sub_1', status: 'active', attempt: 2, occurredAt: '2026-01-01T00:00:00.000Z' },
    });
  });

  it('tells nothing else, whatever a payload holds', () => {
    const payload = { invoiceId: 'inv_1', amount: 2900, currency: 'USD', email: 'ada@test.example', status: { a: 1 } };
    expect(toLiveEvent({ id: 'out_1', type: 'payment.failed', payload, occurredAt: at }).data).toEqual({
      invoiceId: 'inv_1',
      occurredAt: '2026-01-01T00:00:00.000Z',
    });
  });
});
