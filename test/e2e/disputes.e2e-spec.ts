import { Books } from '../support/books';
import { Buyers, sumsOfBooks } from '../support/buyers';
import { startHouse, type House } from '../support/house';
import { expectRefusal } from '../support/http-client';
import { asUser } from '../support/tokens';
import { verifyHouse } from '../support/verified';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const PRO = 2_900;
const DISPUTE_FEE = 1_500;

interface DisputeBody {
  id: string;
  providerId: string;
  status: string;
  evidenceDueBy: string;
}

describe('disputes', () => {
  let house: House;
  let buyers: Buyers;
  let books: Books;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START });
    buyers = new Buyers(house);
    books = new Books(house);
  }, 30_000);
  afterAll(() => house.close());
  afterEach(() => house.box.control('PUT', 'chaos', {}));

  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const paymentOf = async (user: string): Promise<{ id: string; providerId: string }> => {
    const { body } = await house.as(user, 'GET', '/billing/payments');
    return (body['data'] as { id: string; providerId: string }[])[0]!;
  };
  /** Someone who has paid for PRO, and says he has not. */
  const dispute = async (user: string, more: object = {}): Promise<DisputeBody> => {
    await buyers.subscribe(user);
    return disputeAgain(user, more);
  };
  const disputeAgain = async (user: string, more: object = {}): Promise<DisputeBody> => {
    const { providerId } = await paymentOf(user);
    await house.box.control('POST', 'disputes', { paymentIntent: providerId, ...more });
    await house.settle();
    return disputeOf(user);
  };
  const disputeOf = async (user: string): Promise<DisputeBody> => {
    const { id } = await paymentOf(user);
    const { body } = await books.call('GET', '/billing/disputes?limit=100');
    return (body['data'] as (DisputeBody & { paymentId: string })[]).find(({ paymentId }) => paymentId === id)!;
  };
  const decide = async ({ providerId }: DisputeBody, status: string) => {
    await house.box.control('POST', `disputes/${providerId}`, { status });
    await house.settle();
  };
  const mayUse = async (user: string): Promise<boolean> => {
    const { body } = await house.as(user, 'GET', '/entitlements/check?feature=projects');
    return body['allowed'] as boolean;
  };

  it('holds the money and the access, tells somebody, and lets it go when it is lost', async () => {
    await buyers.subscribe('loser');
    const before = await books.balances();
    const made = await disputeAgain('loser');
    expect(made).toMatchObject({ status: 'needs_response', amount: PRO, currency: 'USD', reason: 'fraudulent' });
    expect(made.evidenceDueBy).not.toBeNull();
    expect(await books.movedSince(before)).toEqual({
      'disputes.held': PRO,
      'fees.stripe': DISPUTE_FEE,
      'stripe.clearing': -PRO - DISPUTE_FEE,
    });
    expect(await mayUse('loser')).toBe(false);
    const tickets = await house.rows(
      'SELECT type, priority, status FROM payment_support_tickets WHERE cause_key = $1',
      [`dispute:${made.id}`],
    );
    expect(tickets).toEqual([{ type: 'dispute', priority: 'high', status: 'open' }]);
    await decide(made, 'lost');
    expect(await books.movedSince(before)).toEqual({
      'disputes.lost': PRO,
      'fees.stripe': DISPUTE_FEE,
      'stripe.clearing': -PRO - DISPUTE_FEE,
    });
    expect(await mayUse('loser')).toBe(false);
  });

  it('lost, then won after all, and lost again, is booked each time', async () => {
    await buyers.subscribe('turner');
    const before = await books.balances();
    const made = await disputeAgain('turner');
    const fee = { 'fees.stripe': DISPUTE_FEE };
    for (const [status, clearing, lost] of [
      ['lost', -PRO - DISPUTE_FEE, PRO],
      ['won', -DISPUTE_FEE, 0],
      ['lost', -PRO - DISPUTE_FEE, PRO],
      ['won', -DISPUTE_FEE, 0],
    ] as const) {
      await decide(made, status);
      expect(await books.movedSince(before)).toEqual({
        ...fee,
        'stripe.clearing': clearing,
        ...(lost === 0 ? {} : { 'disputes.lost': lost }),
      });
      expect(await mayUse('turner')).toBe(status === 'won');
    }
    const told = await house.rows(
      `SELECT m.subject FROM mail_outbox m JOIN notifications n ON n.id = m.notification_id JOIN customers c ON c.id = n.customer_id
       WHERE c.user_id = 'turner' AND n.template = 'dispute_ended' ORDER BY n.created_at, n.id`,
    );
    // What is decided again in the same second is no news.
    expect(told).toEqual([
      { subject: 'Your bank has returned $29.00 to you for good' },
      { subject: 'Your bank has let the payment of $29.00 stand' },
    ]);
  });

  it('an inquiry moves no money and takes no access', async () => {
    await buyers.subscribe('asked');
    const before = await books.balances();
    const made = await disputeAgain('asked', { inquiry: true });
    expect(made.status).toBe('warning_needs_response');
    expect(await books.movedSince(before)).toEqual({});
    expect(await mayUse('asked')).toBe(true);
    await decide(made, 'warning_closed');
    expect((await disputeOf('asked')).status).toBe('warning_closed');
  });

  it('is answered, and won by what was said', async () => {
    const made = await dispute('answered');
    const path = `/billing/disputes/${made.id}/evidence`;
    const kept = await books.call('POST', path, { evidence: { customerName: 'Jane Doe' }, submit: false });
    expect(kept).toMatchObject({
      status: 200,
      body: { status: 'needs_response', hasEvidence: true, evidenceCount: 0 },
    });
    const sent = await books.call('POST', path, { evidence: { uncategorizedText: 'winning_evidence' } });
    expect(sent).toMatchObject({ status: 200, body: { evidenceCount: 1 } });
    await house.settle();
    expect(await books.call('GET', `/billing/disputes/${made.id}`)).toMatchObject({ body: { status: 'won' } });
    expect(await mayUse('answered')).toBe(true);
    expectRefusal(
      await books.call('POST', path, { evidence: { customerName: 'Jane' } }),
      422,
      'INVALID_STATE_TRANSITION',
    );
    const said = await house.rows<{ after: object }>(
      "SELECT after FROM audit_log WHERE action = 'dispute.evidence' ORDER BY seq",
    );
    // What was said holds personal data, and is nowhere.
    expect(said.map(({ after }) => after)).toEqual([
      { fields: ['customer_name'], submit: false, status: 'needs_response' },
      { fields: ['uncategorized_text'], submit: true, status: expect.any(String) as string },
    ]);
  });

  it('is given up', async () => {
    const made = await dispute('given');
    expect(await books.call('POST', `/billing/disputes/${made.id}/accept`, {})).toMatchObject({
      status: 200,
      body: { status: 'lost' },
    });
  });

  it('takes no evidence when its day has passed', async () => {
    const made = await dispute('late', { dueInDays: 3 });
    // The bank's own decision comes with Stripe's clock; ours is what counts here.
    const offset = Math.round((moved.getTime() + 4 * DAY_MS - Date.now()) / 1000);
    await books.call('POST', '/admin/clock', { offsetSeconds: offset }, asUser('fin', 'admin'));
    expectRefusal(
      await books.call('POST', `/billing/disputes/${made.id}/evidence`, { evidence: { customerName: 'Jane' } }),
      422,
      'EVIDENCE_TOO_LATE',
    );
    await later(4 * DAY_MS);
    expect((await disputeOf('late')).status).toBe('lost');
  });

  it('of a payment keeps it from being refunded', async () => {
    await dispute('both');
    const { id } = await paymentOf('both');
    const refused = await books.call('POST', '/billing/refunds', { paymentId: id, reason: 'duplicate' });
    expectRefusal(refused, 422, 'PAYMENT_DISPUTED');
  });

  it('warned of before it comes, and up for review, is somebody’s work', async () => {
    await buyers.subscribe('suspect');
    const { providerId } = await paymentOf('suspect');
    await house.box.control('POST', 'early_fraud_warnings', { paymentIntent: providerId });
    const review = await house.box.control<{ id: string }>('POST', 'reviews', {
      paymentIntent: providerId,
    });
    await house.settle();
    await house.box.control('POST', `reviews/${review.id}/close`, {});
    await house.settle();
    const tickets = await house.rows<{ priority: string; n: number }>(
      `SELECT t.priority, jsonb_array_length(COALESCE(t.details -> 'occurrences', '[]')) AS n FROM payment_support_tickets t
       JOIN payments p ON p.id = t.payment_id WHERE t.type = 'fraud_review' AND p.provider_id = $1 ORDER BY 1 DESC`,
      [providerId],
    );
    expect(tickets.map(({ priority }) => priority)).toEqual(['urgent', 'high']);
  });

  it.each<[string, unknown, number, string]>([
    ['no evidence', {}, 400, 'INVALID_INPUT'],
    ['evidence that says nothing', { evidence: {} }, 400, 'INVALID_INPUT'],
    ['an empty text', { evidence: { customerName: '' } }, 400, 'INVALID_INPUT'],
    ['a field the bank does not know', { evidence: { mood: 'bad' } }, 400, 'INVALID_INPUT'],
    ['a file', { evidence: { receipt: 'file_1' } }, 400, 'INVALID_INPUT'],
    ['a number', { evidence: { customerName: 5 } }, 400, 'INVALID_INPUT'],
    ['20 kB and a byte', { evidence: { uncategorizedText: 'x'.repeat(20_001) } }, 400, 'INVALID_INPUT'],
  ])('refuses %s', async (_what, body, status, code) => {
    const [known] = await house.rows<{ id: string }>("SELECT id FROM disputes WHERE status = 'needs_response' LIMIT 1");
    expectRefusal(await books.call('POST', `/billing/disputes/${known?.id ?? ''}/evidence`, body), status, code);
  });

  it.each([
    ['SQL', "dsp_'; DROP TABLE disputes; --"],
    ['id that nobody has', 'dsp_none'],
    ['id of 10 kB', 'x'.repeat(10_240)],
  ])('knows no %s', async (_what, id) => {
    const path = `/billing/disputes/${encodeURIComponent(id)}`;
    const answer = await books.call('GET', path);
    expect([404, 414]).toContain(answer.status);
    expect((await books.call('POST', `${path}/evidence`, { evidence: { customerName: 'Jane' } })).status).toBe(
      answer.status,
    );
  });

  it('is nobody’s business but finance’s and support’s', async () => {
    expectRefusal(await house.as('loser', 'GET', '/billing/disputes'), 403, 'INSUFFICIENT_PERMISSIONS');
    expect((await books.call('GET', '/billing/disputes', undefined, asUser('fin', 'support'))).status).toBe(200);
  });

  it('leaves books that balance, and nothing that the order of events could change', async () => {
    for (const { sum } of await sumsOfBooks(house)) expect(sum).toBe('0');
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  }, 60_000);
});
