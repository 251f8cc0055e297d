import Stripe from 'stripe';
import { SeededRandom } from '../../control/random';
import { activeSecrets, Endpoints } from './endpoints';
import { EventLog } from './event-log';
import { OLD_API_VERSION, renderInOldVersion } from './old-version';
import { signatureHeader } from './signature';

const clock = { time: 1_800_000_000, now: (): number => clock.time };

function openLog(): EventLog {
  return new EventLog(clock, new SeededRandom(1), () => undefined);
}

describe('signatureHeader', () => {
  it('is what the SDK verifies, with either of two secrets', () => {
    const payload = JSON.stringify({ id: 'evt_1', object: 'event' });
    const header = signatureHeader(payload, ['whsec_new', 'whsec_old'], Math.floor(Date.now() / 1000));
    const { webhooks } = new Stripe('sk_test_x');
    for (const secret of ['whsec_new', 'whsec_old']) {
      expect(webhooks.constructEvent(payload, header, secret).id).toBe('evt_1');
    }
    expect(() => webhooks.constructEvent(payload, header, 'whsec_other')).toThrow();
  });
});

describe('EventLog', () => {
  it('keeps the object as it was, and the request that caused it unless time did', () => {
    const log = openLog();
    const customer = { id: 'cus_1', object: 'customer', email: 'a' };
    log.during({ id: 'req_1', idempotencyKey: 'k' }, () => {
      log.emit('customer.created', customer);
      log.emit('invoice.paid', { object: 'invoice' }, undefined, { created: 5, scheduled: true });
    });
    customer.email = 'b';
    log.emit('customer.updated', customer, { email: 'a' });
    const [created, scheduled, updated] = log.all();
    expect(created).toMatchObject({
      data: { object: { email: 'a' } },
      request: { id: 'req_1', idempotency_key: 'k' },
      created: clock.time,
    });
    expect(scheduled).toMatchObject({ created: 5, request: { id: null, idempotency_key: null } });
    expect(updated).toMatchObject({ data: { previous_attributes: { email: 'a' } }, request: { id: null } });
  });

  it('refuses an object under a type that carries another', () => {
    expect(() => {
      openLog().emit('invoice.paid', { object: 'customer' });
    }).toThrow('carries "invoice"');
  });

  it('answers by type, time and delivery, newest first, for 30 days', () => {
    const log = openLog();
    log.emit('invoice.paid', {}, undefined, { created: clock.time - 31 * 86_400, scheduled: true });
    log.emit('invoice.paid', {}, undefined, { created: clock.time - 10, scheduled: true });
    log.emit('customer.created', {});
    const types = (query: Parameters<EventLog['query']>[0]): string[] => log.query(query).map((e) => e.type);
    expect(types({})).toEqual(['customer.created', 'invoice.paid']);
    expect(types({ type: 'invoice.*' })).toEqual(['invoice.paid']);
    expect(types({ types: ['customer.created', 'x'] })).toEqual(['customer.created']);
    expect(types({ created: { lt: clock.time } })).toEqual(['invoice.paid']);
    expect(types({ created: clock.time })).toEqual(['customer.created']);
    log.query({ type: 'invoice.paid' })[0]!.pending_webhooks = 1;
    expect(types({ delivery_success: false })).toEqual(['invoice.paid']);
  });
});

describe('Endpoints', () => {
  it('signs with both secrets until the former expires', () => {
    const endpoints = new Endpoints(clock, new SeededRandom(1));
    const endpoint = endpoints.add({ url: 'http://x', secret: 'old', enabledEvents: ['invoice.*'] });
    const fresh = endpoints.rotate(endpoint, 60);
    expect(activeSecrets(endpoint, Date.now())).toEqual([fresh, 'old']);
    expect(activeSecrets(endpoint, Date.now() + 61_000)).toEqual([fresh]);
    expect(endpoints.listening('invoice.paid')).toEqual([endpoint]);
    expect(endpoints.listening('customer.created')).toEqual([]);
  });
});

describe('renderInOldVersion', () => {
  it('puts back what has moved, in a copy', () => {
    const log = openLog();
    log.emit('customer.subscription.updated', {
      object: 'subscription',
      items: { data: [{ id: 'si_1', current_period_start: 1, current_period_end: 2 }] },
    });
    log.emit('invoice.paid', {
      object: 'invoice',
      status: 'paid',
      parent: { subscription_details: { subscription: 'sub_1' } },
    });
    const [subscription, invoice] = log.all();
    expect(renderInOldVersion(subscription!)).toMatchObject({
      api_version: OLD_API_VERSION,
      data: { object: { current_period_start: 1, current_period_end: 2, items: { data: [{ id: 'si_1' }] } } },
    });
    expect(renderInOldVersion(invoice!).data.object).toEqual({
      object: 'invoice',
      status: 'paid',
      subscription: 'sub_1',
      paid: true,
    });
    expect(subscription!.data.object).toMatchObject({ items: { data: [{ current_period_end: 2 }] } });
  });
});
