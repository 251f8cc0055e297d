import { ReconciliationFlow } from '../../src/modules/reconciliation';
import { Buyers, type Buyer } from '../support/buyers';
import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost } from '../support/http-client';
import { SupportDesk, type EntryBody, type TicketBody } from '../support/support-desk';
import { asUser } from '../support/tokens';
import { until } from '../support/until';
import { booksHold } from '../support/verified';
import { postWebhook, stripeEvent, stripeSignature } from '../support/stripe-events';

interface CasePage {
  outcome: string;
  case: object | null;
  attempts: object[];
  declines: { code: string; class: string; meaning: string }[];
  tickets: object[];
  story: { at: string; what: string; summary: string }[];
  access: { from: string; to: string | null; access: boolean; reason: string }[];
}

describe('the desk of support', () => {
  let house: House;
  let desk: SupportDesk;
  let buyers: Buyers;
  const bought = new Map<string, Buyer>();
  beforeAll(async () => {
    house = await startHouse({ settings: { RETRY_OWNER: 'kassa', ROLE: 'all' } });
    desk = new SupportDesk(house);
    buyers = new Buyers(house);
    for (const person of ['second', 'gone', 'stolen', 'paid']) bought.set(person, await buyers.subscribe(person));
  }, 60_000);
  afterAll(() => house.close());

  /** An event that fails at once, with its ticket. */
  const failAtOnce = async (): Promise<TicketBody> => {
    const body = JSON.stringify(stripeEvent('invoice.paid', { object: 'invoice', id: 'in_absurd' }));
    const told = await postWebhook(`${house.app.url}/v1/webhooks/stripe`, body, stripeSignature(body, WEBHOOK_SECRET));
    await house.settle();
    const [ticket] = await desk.tickets(`eventId=${told.body['id'] as string}`);
    return ticket as TicketBody;
  };

  describe('tickets', () => {
    it('keeps every note, and tells a ticket from its beginning in one list', async () => {
      const { id, eventId } = await failAtOnce();
      const noted = await desk.call('POST', `/${id}/notes`, { text: 'Asked the developers' });
      expect(noted).toMatchObject({
        ...{ status: 201, body: { ticketId: id, authorId: 'op-1', text: 'Asked the developers' } },
      });
      await desk.call('PATCH', `/${id}`, { status: 'investigating', assigneeId: 'op-2', note: 'first' });
      await desk.call('PATCH', `/${id}`, { note: 'second' });
      await desk.call('POST', `/${id}/resolve`, { resolution: 'manual', note: 'done' });
      expect((await desk.call('POST', `/${id}/notes`, { text: 'Afterwards' })).status).toBe(201);
      const entries = await desk.entries(id);
      const moments = entries.map(({ at }) => Date.parse(at));
      expect(moments).toEqual([...moments].sort((a, b) => b - a));
      const notes = entries.filter(({ kind }) => kind === 'note').map(({ summary }) => summary);
      expect(notes).toEqual(['Afterwards', 'done', 'second', 'first', 'Asked the developers']);
      expect(entries.map(({ type }) => type).filter((type) => type !== 'note')).toEqual(
        expect.arrayContaining(['ticket.opened', 'inbox.failed', 'event.received', 'ticket.edit', 'ticket.resolve']),
      );
      expect(entries.find(({ type }) => type === 'event.received')?.summary).toBe(
        'invoice.paid came in: failed (SCHEMA_VALIDATION)',
      );
      const paged: string[] = [];
      let cursor = '';
      do {
        const { body } = await desk.call('GET', `/${id}/timeline?limit=3${cursor}`);
        paged.push(...(body['data'] as EntryBody[]).map(({ type, at }) => `${type} ${at}`));
        cursor = body['nextCursor'] === null ? '' : `&cursor=${body['nextCursor'] as string}`;
      } while (cursor !== '');
      expect(paged).toEqual(entries.map(({ type, at }) => `${type} ${at}`));
      expect((await desk.call('GET', `/${id}`)).body).toMatchObject({ eventId, timelineCursor: null });
      const audit = await house.rows('SELECT action, before, after FROM audit_log WHERE object_id = $1', [id]);
      expect(JSON.stringify(audit)).not.toMatch(/developers|first|second|Afterwards/);
    });

    it('finds what somebody has, what nobody has and what is late, and counts it', async () => {
      const { id } = await failAtOnce();
      await desk.call('PATCH', `/${id}`, { assigneeId: 'op-7', priority: 'urgent' });
      const idsOf = async (query: string): Promise<string[]> => (await desk.tickets(query)).map((ticket) => ticket.id);
      expect(await idsOf('assigneeId=op-7')).toEqual([id]);
      expect(await idsOf('assigned=true&priority=urgent&limit=100')).toContain(id);
      expect(await idsOf('assigned=false&limit=100')).not.toContain(id);
      expect(await idsOf('overdue=false&limit=100')).toContain(id);
      expect(await idsOf('overdue=true&limit=100')).not.toContain(id);
      const counts = (await desk.call('GET', '/counts')).body as Record<string, number> & { byPriority: object };
      const all = await house.rows<{ n: number }>(
        "SELECT count(*)::int AS n FROM payment_support_tickets WHERE status <> 'resolved'",
      );
      expect(counts['unresolved']).toBe(all[0]?.n);
      expect(Object.values(counts.byPriority).reduce((sum: number, n: number) => sum + n, 0)).toBe(all[0]?.n);
      const theirs = (await desk.tickets('assigned=true&limit=100')).filter(({ status }) => status !== 'resolved');
      expect(counts['unassigned']).toBe((all[0]?.n ?? 0) - theirs.length);
    });
  });

  it('compares once more what does not agree with the statement', async () => {
    await house.advance(new Date('2026-01-16T10:00:00Z'));
    const { data: moved } = await house.box.stripe.balanceTransactions.list({ limit: 100 });
    const charge = moved.find(({ type }) => type === 'charge');
    const statementSays = (amount: number): Promise<unknown> =>
      house.box.control('POST', `balance_transactions/${charge?.id ?? ''}/break`, { kind: 'amount', amount });
    const ended = (): Promise<void> =>
      until('the runs have ended', async () => {
        await house.app.app.get(ReconciliationFlow, { strict: false }).workOne();
        await house.settle();
        return (await house.rows("SELECT 1 FROM reconciliation_runs WHERE status = 'running'")).length === 0;
      });
    await statementSays((charge?.amount ?? 0) - 1);
    const window = { provider: 'stripe', from: '2026-01-15T00:00:00Z', to: '2026-01-16T00:00:00Z' };
    await fetchAnswer(`${house.app.url}/v1/reconciliation/runs`, jsonPost(window, asUser('fin', 'finance')));
    await ended();
    const [ticket] = await desk.tickets('type=reconciliation_break');
    expect(ticket).toMatchObject({ status: 'open', priority: 'high' });
    const again = async (): Promise<TicketBody | undefined> => {
      expect((await desk.call('POST', `/${ticket?.id}/resolve`, { resolution: 'auto_retry' })).body).toMatchObject({
        status: 'retrying',
      });
      await ended();
      await desk.watch.settleRetries();
      return (await desk.tickets('type=reconciliation_break'))[0];
    };
    expect(await again()).toMatchObject({ id: ticket?.id, status: 'open' });
    await statementSays(charge?.amount ?? 0);
    expect(await again()).toMatchObject({ id: ticket?.id, status: 'resolved' });
    const notes = (await desk.entries(ticket?.id ?? '')).filter(({ kind }) => kind === 'note');
    expect(notes.map(({ summary }) => summary)).toEqual(
      expect.arrayContaining([
        'Compared again: the difference is gone, or finance has ignored it',
        'Compared again: the difference is still there (amount)',
      ]),
    );
  });

  describe('that is late', () => {
    const CAUSE = 'late';

    it('goes up by a step once, and is told once, by the business clock', async () => {
      await house.advance(new Date('2026-02-01T10:00:00Z'));
      await desk.watch.raiseLate();
      await desk.open({
        causeKey: CAUSE,
        priority: 'high',
        type: 'refund_failure',
        dueBy: new Date('2026-02-02T09:00:00Z'),
      });
      const ofCause = async (): Promise<Record<string, unknown>> =>
        (await desk.tickets('type=refund_failure'))[0] as unknown as Record<string, unknown>;
      expect(await ofCause()).toMatchObject({ dueAt: '2026-02-02T09:00:00.000Z', breached: false, priority: 'high' });
      expect(await desk.watch.raiseLate()).toBe(0);
      await house.advance(new Date('2026-02-02T09:00:05Z'));
      const [{ id }] = (await desk.tickets('overdue=true&type=refund_failure')) as [TicketBody];
      expect(await Promise.all([desk.watch.raiseLate(), desk.watch.raiseLate()])).toEqual(
        expect.arrayContaining([0, 1]),
      );
      expect(await ofCause()).toMatchObject({ priority: 'urgent', breached: true, dueAt: '2026-02-02T09:00:00.000Z' });
      expect(await desk.watch.raiseLate()).toBe(0);
      const alerts = await house.rows<{ details: { ticketIds: string[] } }>(
        "SELECT severity, details FROM alerts WHERE kind = 'support.ticket_late' AND resolved_at IS NULL",
      );
      expect(alerts).toMatchObject([{ severity: 'critical', details: { ticketIds: [id] } }]);
      const [late] = (await desk.entries(id)).filter(({ type }) => type === 'ticket.breach');
      expect(late).toMatchObject({ summary: 'Late: priority urgent from now on', actorId: null });
      expect(late?.at).toMatch(/^2026-02-02T09:00:0/);
      // Once it was late it stays so, and is not raised a second time.
      await desk.call('PATCH', `/${id}`, { priority: 'low' });
      expect(await ofCause()).toMatchObject({ priority: 'low', breached: true });
      expect(await desk.watch.raiseLate()).toBe(0);
    });
  });

  describe('a declined renewal on one page', () => {
    /** The renewal is finalized, and declined, an hour after the period's end. */
    const FAILED = new Date('2026-02-15T11:00:00Z');
    const GRACE_ENDS = '2026-02-22T11:00:00.000Z';
    const after = (hours: number): Promise<void> => house.advance(new Date(FAILED.getTime() + hours * 3_600_000));
    const cardIs = (person: string, behavior: string): Promise<void> =>
      buyers.cardIs(bought.get(person)?.card ?? '', behavior);
    const invoiceOf = async (person: string): Promise<string> => {
      const { data } = (await house.as(person, 'GET', '/billing/invoices')).body as unknown as {
        data: { id: string }[];
      };
      return data[0]?.id ?? '';
    };
    const pageOf = async (person: string, role = 'support'): Promise<CasePage> => {
      const answer = await desk.ask('GET', `/cases/${await invoiceOf(person)}`, undefined, asUser('op-9', role));
      expect(answer.status).toBe(200);
      return answer.body as unknown as CasePage;
    };
    const accessOf = ({ access }: CasePage): string[] =>
      access.map(({ from, to, access: has, reason }) => `${from}..${to ?? ''} ${has ? 'yes' : 'no'} ${reason}`);
    const storyOf = ({ story }: CasePage): string[] => story.map(({ what }) => what);

    it('tells of one that recovers at the second retry', async () => {
      for (const person of ['second', 'gone']) await cardIs(person, 'insufficient_funds');
      await cardIs('stolen', 'stolen_card');
      await after(0);
      await after(1.2);
      expect((await pageOf('second')).attempts).toMatchObject([
        { strategy: 'scheduled', status: 'failed', declineCode: 'insufficient_funds' },
        { strategy: 'scheduled', status: 'scheduled' },
      ]);
      await cardIs('second', 'succeeds');
      await after(3.8);
      const page = await pageOf('second', 'finance');
      expect(page).toMatchObject({
        outcome: 'recovered',
        invoice: { status: 'paid', firstFailedAt: FAILED.toISOString() },
        subscription: { status: 'active', plan: { code: 'PRO' } },
        policy: { graceDays: 7, reminderDays: [0, 3, 7], endAction: 'cancel' },
        case: { owner: 'kassa', status: 'recovered', closeReason: 'paid', graceUntil: GRACE_ENDS },
        attempts: [{ status: 'failed' }, { status: 'succeeded', declineCode: null }],
        reminders: [{ day: 0, status: 'sent' }],
        tickets: [],
      });
      expect(page.declines).toHaveLength(2);
      expect(page.declines[0]).toMatchObject({
        ...{ code: 'insufficient_funds', class: 'soft' },
        meaning: 'There is not enough money on the account. It may go through later',
      });
      const [paid, grace, again, ...rest] = accessOf(page);
      expect([paid, grace, again].map((step) => step?.split(' ').slice(1).join(' '))).toEqual([
        ...['yes paid', 'yes grace', 'yes paid'],
      ]);
      expect(rest).toEqual([]);
      expect(storyOf(page)).toEqual(
        expect.arrayContaining([
          'payment.declined',
          'reminder.sent',
          'attempt.failed',
          'attempt.succeeded',
          'case.recovered',
        ]),
      );
      expect(storyOf(page).indexOf('attempt.failed')).toBeLessThan(storyOf(page).indexOf('attempt.succeeded'));
    });

    it('is a ticket where the decline smells of fraud, and support may try once more, beside the schedule', async () => {
      const [ticket, ...others] = await desk.tickets('type=payment_failure');
      expect(others).toEqual([]);
      const invoiceId = await invoiceOf('stolen');
      expect(ticket).toMatchObject({
        status: 'open',
        priority: 'normal',
        invoiceId,
        details: { code: 'suspected_fraud' },
      });
      const retry = () => desk.call('POST', `/${ticket?.id}/resolve`, { resolution: 'auto_retry' });
      const [one, two] = await Promise.all([retry(), retry()]);
      expect([one.status, two.status].sort()).toEqual([200, 422]);
      // A worker may be at it: its job comes at once.
      const ended = (): Promise<void> =>
        until('the attempt has ended', async () => {
          await house.settle();
          await desk.watch.settleRetries();
          return (await desk.call('GET', `/${ticket?.id}`)).body['status'] !== 'retrying';
        });
      await ended();
      const page = await pageOf('stolen');
      expect(page.attempts).toMatchObject([
        { strategy: 'manual', status: 'failed', declineCode: 'stolen_card', ticketId: ticket?.id, requestedBy: 'op-1' },
      ]);
      expect(page.tickets).toMatchObject([{ id: ticket?.id, status: 'open' }]);
      expect(page.case).toMatchObject({ status: 'open', holdReason: 'method_required' });
      await cardIs('stolen', 'succeeds');
      expect((await retry()).status).toBe(200);
      await ended();
      const settled = await desk.call('GET', `/${ticket?.id}`);
      expect(settled.body).toMatchObject({ status: 'resolved', resolution: 'auto_retry', resolvedBy: 'op-1' });
      expectRefusal(await retry(), 422, 'INVALID_STATE_TRANSITION');
      expect(await pageOf('stolen')).toMatchObject({ outcome: 'recovered', attempts: [{ number: 1 }, { number: 2 }] });
      const entries = (await desk.entries(ticket?.id ?? '')).map(({ type }) => type);
      expect(entries).toEqual(
        expect.arrayContaining([
          'attempt.failed',
          'attempt.succeeded',
          'ticket.retry_failed',
          'ticket.retry_succeeded',
        ]),
      );
    });

    it('tells of one that is given up, and access that ends exactly with its grace', async () => {
      await after(7 * 24 + 1);
      const page = await pageOf('gone');
      expect(page).toMatchObject({
        outcome: 'exhausted',
        invoice: { status: 'uncollectible' },
        subscription: { status: 'canceled' },
        case: { status: 'exhausted', endAction: 'cancel', endInvoice: 'mark_uncollectible', graceUntil: GRACE_ENDS },
        tickets: [{ type: 'payment_failure', status: 'open', details: { code: 'exhausted' } }],
      });
      const grace = page.access.find(({ reason }) => reason === 'grace');
      expect(grace?.to).toBe(GRACE_ENDS);
      expect(page.access.find(({ from }) => from === GRACE_ENDS)).toMatchObject({
        access: false,
        reason: 'grace_over',
      });
      expect(page.access.at(-1)).toMatchObject({ access: false, to: null });
      expect(storyOf(page)).toEqual(
        expect.arrayContaining(['reminder.sent', 'case.exhausted', 'access.ended', 'ticket.opened']),
      );
    });

    it('is the same page for what never failed, is audited, and is for nobody else', async () => {
      const page = await pageOf('paid', 'admin');
      expect(page).toMatchObject({ outcome: 'never_failed', case: null, attempts: [], declines: [], reminders: [] });
      expect(accessOf(page).every((step) => step.endsWith('yes paid'))).toBe(true);
      const [look] = await house.rows(
        "SELECT actor_id, after FROM audit_log WHERE action = 'customer.read' ORDER BY seq DESC LIMIT 1",
      );
      expect(look).toEqual({ actor_id: 'op-9', after: { what: 'case', invoiceId: await invoiceOf('paid') } });
      for (const id of ['inv_unknown', "inv' OR '1'='1", 'x'.repeat(500)]) {
        expectRefusal(await desk.ask('GET', `/cases/${encodeURIComponent(id)}`), 404, 'INVOICE_NOT_FOUND');
      }
      const asCustomer = await desk.ask('GET', '/cases/inv_1', undefined, asUser('paid', 'user'));
      expectRefusal(asCustomer, 403, 'INSUFFICIENT_PERMISSIONS');
    });

    it('leaves the books and all that follows from facts as they ought to be', async () => {
      await booksHold(house);
    }, 60_000);
  });
});
