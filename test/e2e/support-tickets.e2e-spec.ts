import type Stripe from 'stripe';
import type { NewTicket } from '../../src/modules/support';
import { InboxWorker, ReplayService } from '../../src/modules/webhooks';
import { SYSTEM } from '../../src/platform/audit';
import { RETURN_ORIGIN, startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { expectRefusal, fetchAnswer, type Answer } from '../support/http-client';
import { postWebhook, stripeEvent, stripeSignature, type EventShape } from '../support/stripe-events';
import { SupportDesk, type TicketBody } from '../support/support-desk';
import { createMonthlyPrice } from '../support/stripe-sandbox';
import { asInternal, asUser } from '../support/tokens';
import { until } from '../support/until';

describe('support tickets', () => {
  let house: House;
  let desk: SupportDesk;
  beforeAll(async () => {
    house = await startHouse({ settings: { ROLE: 'all' } });
    desk = new SupportDesk(house);
  }, 30_000);
  afterAll(() => house.close());

  const call = (...request: Parameters<SupportDesk['call']>): Promise<Answer> => desk.call(...request);
  const ticketsOf = (query: string): Promise<TicketBody[]> => desk.tickets(query);
  const send = async (event: EventShape): Promise<string> => {
    const body = JSON.stringify(event);
    const signature = stripeSignature(body, WEBHOOK_SECRET);
    const answer = await postWebhook(`${house.app.url}/v1/webhooks/stripe`, body, signature);
    expect(answer.status).toBe(200);
    return answer.body['id'] as string;
  };
  /** A paying customer of ours, and what Stripe has of him. */
  const subscribe = async (user: string) => {
    const urls = { successUrl: `${RETURN_ORIGIN}/ok`, cancelUrl: `${RETURN_ORIGIN}/no` };
    const opened = await house.as(user, 'POST', '/billing/checkout', { plan: 'BASIC', ...urls });
    await house.box.submit(new URL(opened.body['url'] as string).pathname, { card: '4242424242424242' });
    await house.settle();
    const session = await house.box.stripe.checkout.sessions.retrieve(opened.body['sessionId'] as string);
    const subscription = await house.box.stripe.subscriptions.retrieve(session.subscription as string);
    const { data: events } = await house.box.control<{ data: Stripe.Event[] }>('GET', 'events');
    const objectOf = (type: string): object =>
      events.findLast((each) => {
        const { customer } = each.data.object as { customer?: string };
        return each.type === type && customer === subscription.customer;
      })?.data.object ?? {};
    const [customer] = await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]);
    return { subscription, objectOf, customerId: customer?.id ?? '' };
  };
  /** An event that fails at once, with its ticket. */
  const failAtOnce = async (): Promise<TicketBody> => {
    const eventId = await send(stripeEvent('invoice.paid', { object: 'invoice', id: 'in_absurd' }));
    await house.settle();
    const [ticket] = await ticketsOf(`eventId=${eventId}`);
    return ticket as TicketBody;
  };
  const open = (ticket: Partial<NewTicket>): Promise<void> => desk.open(ticket);
  const tellAgain = async (eventId: string): Promise<void> => {
    const again = await house.rows(
      `UPDATE outbox_deliveries SET handled_at = NULL, status = 'pending' WHERE consumer = 'dead-letter-alert'
         AND event_id IN (SELECT id FROM outbox_events WHERE object_id = $1) RETURNING id`,
      [eventId],
    );
    expect(again).not.toHaveLength(0);
    await house.settle();
  };
  const requeue = async (eventId: string): Promise<void> => {
    await desk.inService((tx) => house.app.app.get(ReplayService, { strict: false }).requeue(tx, eventId, SYSTEM));
    await house.settle();
  };

  describe('of events', () => {
    it('opens one at once for an event that never can be handled, with whom and what it is about', async () => {
      const { objectOf, customerId } = await subscribe('linked');
      const eventId = await send(stripeEvent('invoice.paid', { ...objectOf('invoice.paid'), amount_paid: 'much' }));
      await house.settle();
      const payments = await house.as('linked', 'GET', '/billing/payments');
      const invoices = await house.as('linked', 'GET', '/billing/invoices');
      const [payment] = payments.body['data'] as { id: string }[];
      const [invoice] = invoices.body['data'] as { id: string }[];
      expect(await ticketsOf(`eventId=${eventId}`)).toEqual([
        {
          id: expect.stringMatching(/^tkt_/) as string,
          type: 'webhook_failure',
          priority: 'high',
          status: 'open',
          summary: 'invoice.paid from stripe could not be handled: SCHEMA_VALIDATION',
          details: {
            provider: 'stripe',
            eventType: 'invoice.paid',
            code: 'SCHEMA_VALIDATION',
            class: 'permanent',
            invoiceId: invoice?.id,
            count: 1,
            occurrences: [
              {
                id: expect.stringMatching(/^out_/) as string,
                at: expect.any(String) as string,
                code: 'SCHEMA_VALIDATION',
              },
            ],
          },
          eventId,
          customerId,
          paymentId: payment?.id,
          invoiceId: invoice?.id,
          subscriptionId: null,
          assigneeId: null,
          resolution: null,
          note: null,
          resolvedBy: null,
          dueAt: expect.stringMatching(/^2026-01-16T10:00:/) as string,
          breached: false,
          createdAt: expect.any(String) as string,
          updatedAt: expect.any(String) as string,
          resolvedAt: null,
        },
      ]);
    });

    it('opens one for a poison event when its attempts are used up, and its neighbours are handled', async () => {
      const { objectOf, customerId } = await subscribe('poisoned');
      const payment = objectOf('payment_intent.succeeded');
      const eventId = await send(stripeEvent('payment_intent.succeeded', { ...payment, amount: -5 }));
      // Earlier: what is told last is what counts, and that must stay the poison.
      const created = Math.floor(Date.now() / 1000) - 10;
      const neighbour = await send(stripeEvent('payment_intent.succeeded', payment, { created }));
      const statusOf = async (id: string) =>
        (await house.rows<{ status: string }>('SELECT status FROM inbox_events WHERE id = $1', [id]))[0]?.status;
      await until('the attempts are used up', async () => {
        await house.rows(
          "UPDATE inbox_events SET next_retry_at = now() - interval '1 second' WHERE id = $1 AND status = 'retrying'",
          [eventId],
        );
        await house.app.app.get(InboxWorker, { strict: false }).drain();
        return (await statusOf(eventId)) === 'failed';
      });
      expect(await statusOf(neighbour)).toBe('processed');
      await house.settle();
      expect(await ticketsOf(`eventId=${eventId}`)).toMatchObject([
        {
          priority: 'normal',
          customerId,
          paymentId: expect.stringMatching(/^pay_/) as string,
          details: { code: 'UNEXPECTED', class: 'unknown' },
        },
      ]);
    });

    it('handles the event once more when the cause is mended, and closes the ticket', async () => {
      const { subscription, customerId } = await subscribe('retried');
      const price = await createMonthlyPrice(house.box.stripe, 'Not yet sold', 4_000);
      await house.box.stripe.subscriptions.update(subscription.id, {
        items: [{ id: subscription.items.data[0]?.id ?? '', price: price.id }],
        proration_behavior: 'none',
      });
      await house.settle();
      const [ticket, ...others] = await ticketsOf(`customerId=${customerId}&status=open`);
      expect(others).toEqual([]);
      expect(ticket).toMatchObject({ priority: 'normal', details: { code: 'PRICE_UNKNOWN' } });
      const mended = await house.rows(
        `UPDATE catalog_mirrors SET provider_id = $1 WHERE object_type = 'price' AND object_id = (
           SELECT r.id FROM prices r JOIN plans p ON p.id = r.plan_id WHERE p.code = 'PRO' AND r.billing_cycle = 'monthly')
         RETURNING 1`,
        [price.id],
      );
      expect(mended).toHaveLength(1);
      const resolved = await call('POST', `/${ticket?.id}/resolve`, { resolution: 'auto_retry', note: 'price added' });
      expect(resolved).toMatchObject({
        status: 200,
        body: { status: 'retrying', resolution: null, note: 'price added', resolvedBy: 'op-1', resolvedAt: null },
      });
      // Not before the event has been handled.
      expect(await desk.watch.settleRetries()).toBe(0);
      await house.settle();
      expect(await desk.watch.settleRetries()).toBe(1);
      expect((await call('GET', `/${ticket?.id}`)).body).toMatchObject({
        ...{ status: 'resolved', resolution: 'auto_retry', note: 'price added', resolvedBy: 'op-1' },
        resolvedAt: expect.any(String) as string,
      });
      expect((await house.as('retried', 'GET', '/billing/subscriptions/me')).body).toMatchObject({
        plan: { code: 'PRO' },
      });
      expect(
        await house.rows('SELECT status, replay_count FROM inbox_events WHERE id = $1', [ticket?.eventId]),
      ).toEqual([{ status: 'processed', replay_count: 1 }]);
      const audit =
        "SELECT actor_id, action, object_id FROM audit_log WHERE object_type LIKE '%event' AND object_id = $1";
      expect(await house.rows(audit, [ticket?.eventId])).toMatchObject([{ actor_id: 'op-1' }]);
      expect(await ticketsOf(`customerId=${customerId}&status=open`)).toEqual([]);
    });

    it('is open again with a note where the event fails again, and opens a new one after it was resolved', async () => {
      const { id, eventId } = await failAtOnce();
      expect((await call('POST', `/${id}/resolve`, { resolution: 'auto_retry' })).body['status']).toBe('retrying');
      await house.settle();
      expect(await Promise.all([desk.watch.settleRetries(), desk.watch.settleRetries()])).toEqual(
        expect.arrayContaining([1, 0]),
      );
      expect(await ticketsOf(`eventId=${eventId}`)).toMatchObject([
        { id, status: 'open', resolution: null, resolvedBy: null, details: { count: 2 } },
      ]);
      expect((await desk.entries(id)).filter(({ kind }) => kind === 'note')).toMatchObject([
        { summary: 'Tried again: the event could not be handled (SCHEMA_VALIDATION)', actorId: null },
      ]);
      expect((await call('POST', `/${id}/resolve`, { resolution: 'manual' })).status).toBe(200);
      await requeue(eventId ?? '');
      expect(await ticketsOf(`eventId=${eventId}`)).toMatchObject([
        { status: 'open', details: { count: 1 } },
        { id, status: 'resolved', details: { count: 2 } },
      ]);
    });

    it('may be closed by hand while it is retried, and what comes of that opens another', async () => {
      const { id, eventId } = await failAtOnce();
      await call('POST', `/${id}/resolve`, { resolution: 'auto_retry' });
      expectRefusal(await call('PATCH', `/${id}`, { status: 'investigating' }), 422, 'INVALID_STATE_TRANSITION');
      expect((await call('POST', `/${id}/resolve`, { resolution: 'manual' })).body).toMatchObject({
        ...{ status: 'resolved', resolution: 'manual', resolvedBy: 'op-1' },
      });
      await house.settle();
      expect(await desk.watch.settleRetries()).toBe(0);
      expect(await ticketsOf(`eventId=${eventId}`)).toMatchObject([{ status: 'open' }, { id, status: 'resolved' }]);
    });

    it('counts on the open one where the event fails again, and leaves to people what is theirs', async () => {
      const { id, eventId } = await failAtOnce();
      await call('PATCH', `/${id}`, { status: 'investigating', priority: 'low', note: 'looking' });
      await requeue(eventId ?? '');
      const [ticket, ...others] = await ticketsOf(`eventId=${eventId}`);
      expect(others).toEqual([]);
      expect(ticket).toMatchObject({ id, status: 'investigating', priority: 'low', note: 'looking' });
      expect(ticket?.details.count).toBe(2);
      expect(ticket?.details.occurrences).toHaveLength(2);
    });

    it('counts what is told twice once, also after it was resolved', async () => {
      const { id, eventId } = await failAtOnce();
      await tellAgain(eventId ?? '');
      expect(await ticketsOf(`eventId=${eventId}`)).toMatchObject([{ id, status: 'open', details: { count: 1 } }]);
      await call('POST', `/${id}/resolve`, { resolution: 'manual' });
      await tellAgain(eventId ?? '');
      expect(await ticketsOf(`eventId=${eventId}`)).toMatchObject([{ id, status: 'resolved', details: { count: 1 } }]);
    });
  });

  describe('at the desk', () => {
    it('lets one of many resolve, and retries once', async () => {
      const { id, eventId } = await failAtOnce();
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          call('POST', `/${id}/resolve`, { resolution: 'auto_retry' }, asUser(`op-${i}`, 'admin')),
        ),
      );
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused).toHaveLength(5);
      for (const answer of refused) expectRefusal(answer, 422, 'INVALID_STATE_TRANSITION');
      await house.settle();
      expect(await house.rows('SELECT replay_count FROM inbox_events WHERE id = $1', [eventId])).toEqual([
        { replay_count: 1 },
      ]);
    });

    it('answers a resolve that is repeated under its key as the first time', async () => {
      const { id } = await failAtOnce();
      const headers = { ...asUser('op-1', 'support'), 'idempotency-key': `resolve-${id}` };
      const first = await call('POST', `/${id}/resolve`, { resolution: 'manual' }, headers);
      const again = await call('POST', `/${id}/resolve`, { resolution: 'manual' }, headers);
      expect([first.status, again.status]).toEqual([200, 200]);
      expect(again.body).toEqual(first.body);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    });

    it('takes up, assigns, gives back and closes, with every step in the audit log, but no note', async () => {
      const { id } = await failAtOnce();
      const taken = await call('PATCH', `/${id}`, { status: 'investigating', assigneeId: 'op-2', note: 'call Jane' });
      expect(taken).toMatchObject({
        status: 200,
        body: { status: 'investigating', assigneeId: 'op-2', note: 'call Jane' },
      });
      const back = await call('PATCH', `/${id}`, { status: 'open', assigneeId: null, priority: 'urgent' });
      expect(back.body).toMatchObject({ status: 'open', assigneeId: null, priority: 'urgent', note: 'call Jane' });
      expect((await call('PATCH', `/${id}`, { status: 'open' })).status).toBe(200);
      const closed = await call('POST', `/${id}/resolve`, { resolution: 'manual' });
      expect(closed.body).toMatchObject({ status: 'resolved', resolution: 'manual', note: 'call Jane' });
      expect((await call('GET', `/${id}`)).body).toMatchObject(closed.body);
      for (const change of [{ status: 'open' }, { status: 'investigating' }, { priority: 'low' }, { note: 'late' }]) {
        expectRefusal(await call('PATCH', `/${id}`, change), 422, 'INVALID_STATE_TRANSITION');
      }
      const audit = await house.rows(
        'SELECT actor_id, action, before, after FROM audit_log WHERE object_id = $1 ORDER BY seq',
        [id],
      );
      expect(audit).toMatchObject([
        {
          actor_id: 'op-1',
          action: 'ticket.edit',
          before: { status: 'open', assigneeId: null },
          after: { status: 'investigating', assigneeId: 'op-2', noteChanged: true },
        },
        { before: { status: 'investigating' }, after: { status: 'open', priority: 'urgent', noteChanged: false } },
        { before: { status: 'open' }, after: { status: 'open' } },
        { action: 'ticket.resolve', before: { status: 'open' }, after: { status: 'resolved', resolution: 'manual' } },
      ]);
      expect(JSON.stringify(audit)).not.toContain('Jane');
    });

    it('cannot retry what is not about an event', async () => {
      await open({ causeKey: 'no-event' });
      const [ticket] = await ticketsOf('type=other');
      expectRefusal(
        await call('POST', `/${ticket?.id}/resolve`, { resolution: 'auto_retry' }),
        422,
        'TICKET_WITHOUT_EVENT',
      );
      expect((await call('POST', `/${ticket?.id}/resolve`, { resolution: 'manual' })).status).toBe(200);
    });

    it('makes one ticket of a cause that is told by many at once', async () => {
      const causeKey = 'many';
      const tell = (i: number) =>
        open({
          causeKey,
          priority: 'urgent',
          occurrence: { id: `told-${i % 5}`, at: '2026-01-01T00:00:00Z', code: 'X' },
        });
      await Promise.all(Array.from({ length: 20 }, (_, i) => tell(i)));
      expect(await ticketsOf('type=other&priority=urgent')).toMatchObject([{ status: 'open', details: { count: 5 } }]);
    });

    it('lists by filter and page, newest first', async () => {
      await Promise.all(
        Array.from({ length: 7 }, (_, i) => open({ type: 'payment_failure', priority: 'low', causeKey: `page-${i}` })),
      );
      const all = await ticketsOf('type=payment_failure&limit=100');
      expect(all).toHaveLength(7);
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await call('GET', `?type=payment_failure&limit=3${cursor}`);
        seen.push(...(body['data'] as TicketBody[]).map(({ id }) => id));
        cursor = body['nextCursor'] === null ? '' : `&cursor=${body['nextCursor'] as string}`;
      } while (cursor !== '');
      expect(seen).toEqual(all.map(({ id }) => id));
      expect(await ticketsOf('type=payment_failure&status=resolved')).toEqual([]);
      expect(await ticketsOf('customerId=cust_nobody')).toEqual([]);
    });

    it('shows what is unresolved among the metrics', async () => {
      const text = async () => (await fetchAnswer(`${house.app.url}/metrics`, { headers: asInternal() })).text;
      const series = 'kassa_support_tickets_unresolved{status="investigating",priority="urgent"}';
      expect(await text()).toContain(`${series} 0`);
      const { id } = await failAtOnce();
      await call('PATCH', `/${id}`, { status: 'investigating', priority: 'urgent' });
      expect(await text()).toContain(`${series} 1`);
      await call('POST', `/${id}/resolve`, { resolution: 'manual' });
      expect(await text()).toContain(`${series} 0`);
    });
  });
});
