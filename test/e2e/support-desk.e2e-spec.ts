import { startHouse, WEBHOOK_SECRET, type House } from '../support/house';
import { SupportDesk, type EntryBody, type TicketBody } from '../support/support-desk';
import { postWebhook, stripeEvent, stripeSignature } from '../support/stripe-events';

describe('the desk of support', () => {
  let house: House;
  let desk: SupportDesk;
  beforeAll(async () => {
    house = await startHouse();
    desk = new SupportDesk(house);
  }, 30_000);
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
      await house.advance(new Date('2026-02-02T09:00:01Z'));
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
      expect(late?.at.slice(0, 19)).toBe('2026-02-02T09:00:01');
      // Once it was late it stays so, and is not raised a second time.
      await desk.call('PATCH', `/${id}`, { priority: 'low' });
      expect(await ofCause()).toMatchObject({ priority: 'low', breached: true });
      expect(await desk.watch.raiseLate()).toBe(0);
    });
  });
});
