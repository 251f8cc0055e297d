import { randomBytes } from 'node:crypto';
import type { ApiRule, WebhookRule } from '../../sandbox/control/chaos';
import { PayoutWorker } from '../../src/modules/payouts';
import { InboxWorker } from '../../src/modules/webhooks';
import { WiseGateway } from '../../src/providers/wise';
import { parseCurrency } from '../../src/shared/currency';
import { money } from '../../src/shared/money';
import { startHouse, type House } from '../support/house';
import { expectRefusal } from '../support/http-client';
import { ADA, payoutsDesk } from '../support/payouts';
import { until } from '../support/until';
import { verifyHouse } from '../support/verified';
import { openWise, wiseSettings } from '../support/wise';
import { atWise, wiseBook } from '../support/wise-book';

const TIMEOUT_MS = 500;
/** The client asks three times by itself where asking again is safe; what is lost more often is another attempt's. */
const ALL_THREE = 3;

describe('payouts while Wise, the wires and the webhooks fail', () => {
  let house: House;
  let desk: ReturnType<typeof payoutsDesk>;
  let worker: PayoutWorker;
  /** By where it is made: the beginning of the path at Wise. */
  let at: Readonly<Record<'quote' | 'order' | 'fund' | 'cancel' | 'recipient', Partial<ApiRule>>>;
  /** Those that are paid when everything has passed. */
  const underWay: string[] = [];

  beforeAll(async () => {
    house = await startHouse({
      settings: async (box) => ({
        ...{ ENCRYPTION_KEYS: randomBytes(32).toString('base64'), PROVIDER_TIMEOUT_MS: String(TIMEOUT_MS) },
        ...(await wiseSettings(box)),
      }),
    });
    await openWise(house, { USD: 5_000_000, EUR: 50_000 });
    await house.settle();
    desk = payoutsDesk(house);
    worker = house.app.app.get(PayoutWorker, { strict: false });
    const { profileId } = await wiseBook(house);
    at = {
      quote: { method: 'POST', pathPrefix: `/v3/profiles/${profileId}/quotes` },
      order: { method: 'POST', pathPrefix: '/v1/transfers' },
      fund: { method: 'POST', pathPrefix: `/v3/profiles/${profileId}/transfers` },
      cancel: { method: 'PUT', pathPrefix: '/v1/transfers' },
      recipient: { method: 'POST', pathPrefix: '/v1/accounts' },
    };
  });
  afterAll(() => house.close());
  afterEach(async () => {
    await chaos({});
    await booksAreWises();
  });

  const chaos = (plan: { api?: Partial<ApiRule>[]; webhooks?: WebhookRule[] }): Promise<unknown> =>
    house.box.control('PUT', 'chaos', plan);
  const policy = (told: object): Promise<unknown> => house.box.control('POST', 'wise/policy', told);
  const prepared = async (body = {}): Promise<string> => {
    const answer = await desk.prepare({ amount: 20_000, ...body });
    expect(answer.body.error).toBeUndefined();
    return answer.body['payoutId'] as string;
  };
  const approved = async (body = {}): Promise<string> => {
    const id = await prepared(body);
    expect((await desk.approve(id)).body).toEqual({ payoutId: id, status: 'processing' });
    return id;
  };
  const cancel = (id: string) => desk.call('maker', 'POST', `/payouts/${id}/cancel`, { reason: 'Wrong person' });
  /** The next attempt is due, whatever the wait that was due to the last one. */
  const due = async (id: string): Promise<void> => {
    await house.rows('UPDATE payouts SET step_at = statement_timestamp() WHERE id = $1 RETURNING 1', [id]);
    await worker.drain();
  };
  const waitOf = async (id: string): Promise<number> => {
    const sql = 'SELECT extract(epoch FROM step_at - statement_timestamp())::float8 AS s FROM payouts WHERE id = $1';
    return (await house.rows<{ s: number }>(sql, [id]))[0]?.s ?? 0;
  };
  const later = async (hours: number): Promise<void> => {
    const { now } = await house.box.control<{ now: number }>('GET', 'clock');
    await house.advance(new Date((now + hours * 3600) * 1000));
  };
  const statusOf = async (id: string): Promise<unknown> => (await desk.payout(id))['status'];
  const courseOf = async (id: string): Promise<string[]> =>
    ((await desk.payout(id)) as unknown as { history: { to: string }[] }).history.map(({ to }) => to);
  /** What is free and what is set aside here is, to the cent, what Wise's balances hold, but for what is not paid for yet. */
  const booksAreWises = async (): Promise<void> => {
    const [books, { balances }] = [await desk.books(), await wiseBook(house)];
    for (const { currency, amount } of balances) {
      const sum = (account: string): number => books[`${account} ${currency}`] ?? 0;
      expect([currency, sum('wise.clearing') + sum('payouts.wise.reserved')]).toEqual([currency, amount]);
    }
  };
  const isPaidFor = async (id: string): Promise<void> => {
    expect([await statusOf(id), await atWise(house, id)]).toEqual([
      'processing',
      { states: ['processing'], payments: 1 },
    ]);
    underWay.push(id);
  };
  const isCalledOff = async (id: string, states: string[], status = 'canceled'): Promise<void> => {
    // Wise is asked whether it was paid for.
    await house.settle();
    expect([await statusOf(id), (await atWise(house, id)).states]).toEqual([status, states]);
    const [row] = await house.rows<{ held: string }>(
      `SELECT COALESCE(sum(e.amount), 0)::text AS held FROM journal_entries e JOIN journal_transactions t ON t.id = e.transaction_id
       WHERE t.ref_id = $1 AND e.account_code LIKE 'payouts.wise.%'`,
      [id],
    );
    expect(row).toEqual({ held: '0' });
  };

  describe('an answer that does not come', () => {
    it.each<['order' | 'fund', ApiRule['fault'], number, Partial<ApiRule>]>([
      ['order', 'lose_answer', ALL_THREE, {}],
      ['order', 'error_429', 1, { retryAfterSeconds: 100 }],
      ['fund', 'lose_answer', 1, {}],
      ['fund', 'error_500', 1, {}],
      ['fund', 'late_answer', 1, { latencyMs: 2 * TIMEOUT_MS }],
    ])('to %s: %s, %s times', async (step, fault, times, more) => {
      await chaos({ api: [{ ...at[step], fault, times, ...more }] });
      const id = await approved();
      await worker.drain();
      expect(await waitOf(id)).toBeGreaterThan(fault === 'error_429' ? 50 : 0);
      await due(id);
      await isPaidFor(id);
    });

    it('to an order that Wise does not take again: the transfer of the first one is found', async () => {
      await chaos({ api: [{ ...at.order, fault: 'lose_answer', times: ALL_THREE }] });
      const id = await approved();
      await worker.drain();
      const [{ beneficiary, ref } = { beneficiary: '', ref: '' }] = await house.rows<{
        beneficiary: string;
        ref: string;
      }>(
        `SELECT b.id AS beneficiary, b.recipient_ref AS ref FROM payouts p JOIN beneficiaries b ON b.id = p.beneficiary_id WHERE p.id = $1`,
        [id],
      );
      const now = (recipient: string) =>
        house.rows('UPDATE beneficiaries SET recipient_ref = $2 WHERE id = $1 RETURNING 1', [beneficiary, recipient]);
      await now('999999');
      await due(id);
      await now(ref);
      await isPaidFor(id);
    });

    it('to a funding that Wise takes up after we have asked again: the second is rejected, and not called off for it', async () => {
      await chaos({ api: [{ ...at.fund, fault: 'latency', times: 1, latencyMs: 1.7 * TIMEOUT_MS }] });
      const id = await approved();
      await worker.drain();
      await chaos({ api: [{ ...at.fund, fault: 'latency', times: 1, latencyMs: 0.9 * TIMEOUT_MS }] });
      await due(id);
      await isPaidFor(id);
    });

    it('to the quote: what was asked for is prepared once, however often it is asked for', async () => {
      await chaos({ api: [{ ...at.quote, fault: 'lose_answer', times: ALL_THREE }] });
      const [body, key] = [{ reference: 'Quote lost', amount: 20_000 }, { 'idempotency-key': 'quote-lost' }];
      expect((await desk.prepare(body, key)).status).toBe(502);
      const answers = [await desk.prepare(body, key), await desk.prepare(body, key)];
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(new Set(answers.map((answer) => answer.body['payoutId'])).size).toBe(1);
      expect(await house.rows("SELECT 1 FROM payouts WHERE reference = 'Quote lost'")).toHaveLength(1);
    });

    it('to a new recipient: there is one, and he is paid', async () => {
      await chaos({ api: [{ ...at.recipient, fault: 'lose_answer', times: 1 }] });
      const beneficiary = { ...ADA, name: 'Grace Hopper', details: { ...ADA.details, IBAN: 'DE02120300000000202051' } };
      const [body, key] = [{ beneficiary, reference: 'New', amount: 20_000 }, { 'idempotency-key': 'recipient-lost' }];
      const first = await desk.prepare(body, key);
      const again = await desk.prepare(body, key);
      expect([first.status, again.status]).toEqual([502, 201]);
      const { accounts } = await wiseBook(house);
      expect(accounts.filter(({ name }) => name === 'Grace Hopper')).toHaveLength(1);
    });

    it('for long: somebody is told', async () => {
      await chaos({ api: [{ ...at.order, fault: 'error_500', times: ALL_THREE }] });
      const id = await approved();
      await house.rows('UPDATE payouts SET failures = 7 WHERE id = $1 RETURNING 1', [id]);
      await worker.drain();
      const told = await house.rows("SELECT severity, details FROM alerts WHERE kind = 'payout.stuck'");
      expect(told).toEqual([
        { severity: 'critical', details: { payoutId: id, step: 'order', code: 'PROVIDER_ERROR', failures: 8 } },
      ]);
      await due(id);
      await isPaidFor(id);
    });
  });

  describe('several at once', () => {
    it('workers: one transfer, one payment', async () => {
      const id = await approved();
      await Promise.all([1, 2, 3, 4].map(() => worker.drain()));
      await isPaidFor(id);
    });

    it('a worker that was away for longer than its lease pays for nothing that another one has paid for', async () => {
      await chaos({ api: [{ ...at.order, fault: 'late_answer', times: 1, latencyMs: 0.8 * TIMEOUT_MS }] });
      const id = await approved();
      const slow = worker.drain();
      await until('Wise has the transfer', async () => (await atWise(house, id)).states.length === 1);
      await house.rows(
        `UPDATE payouts SET lease_until = statement_timestamp() - interval '1 s' WHERE id = $1 RETURNING 1`,
        [id],
      );
      await worker.drain();
      await slow;
      await isPaidFor(id);
    });

    it('an approval and a call to cancel', async () => {
      const ids = [await prepared(), await prepared(), await prepared()];
      const answers = await Promise.all(ids.flatMap((id) => [desk.approve(id), cancel(id)]));
      expect(answers.filter(({ status }) => ![200, 409, 422].includes(status))).toEqual([]);
      await worker.drain();
      for (const id of ids) {
        const { payments, states } = await atWise(house, id);
        if ((await statusOf(id)) === 'canceled') await isCalledOff(id, states);
        else await isPaidFor(id);
        expect(payments).toBeLessThan(2);
      }
    });

    it('a call to cancel while the transfer is being ordered: ordered, and then called off', async () => {
      await chaos({ api: [{ ...at.order, fault: 'late_answer', times: 1, latencyMs: 0.8 * TIMEOUT_MS }] });
      const id = await approved();
      const ordering = worker.drain();
      await until('Wise has the transfer', async () => (await atWise(house, id)).states.length === 1);
      expect((await cancel(id)).body).toMatchObject({
        status: 'processing',
        cancelRequestedAt: expect.any(String) as string,
      });
      await ordering;
      await isCalledOff(id, ['cancelled']);
      expect((await atWise(house, id)).payments).toBe(0);
    });

    it('two approvals that the balance does not bear together', async () => {
      const ids = [await prepared({ sourceCurrency: 'EUR', amount: 30_000 })];
      ids.push(await prepared({ sourceCurrency: 'EUR', amount: 30_000 }));
      const answers = await Promise.all(ids.map((id) => desk.approve(id)));
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused).toHaveLength(1);
      expectRefusal(refused[0]!, 422, 'INSUFFICIENT_FUNDS');
      await worker.drain();
      await isPaidFor(ids[answers.findIndex(({ status }) => status === 200)] ?? '');
    });
  });

  describe('called off', () => {
    const waiting = async (): Promise<string> => {
      await policy({ strongAuthentication: true });
      const id = await approved();
      await worker.drain();
      await policy({ strongAuthentication: false });
      expect(await statusOf(id)).toBe('requires_manual_funding');
      return id;
    };

    /** Asked again after a lost answer it says that it cannot be: then not even that is heard. */
    const lost = (first: ApiRule['fault']): Parameters<typeof chaos>[0] => ({
      api: [
        { ...at.cancel, fault: first, times: 1 },
        { ...at.cancel, fault: 'error_500', times: ALL_THREE - 1 },
      ],
      webhooks: [{ fault: 'drop' }],
    });

    it.each<[ApiRule['fault'], string]>([
      ['lose_answer', 'cancelled'],
      ['error_500', 'incoming_payment_waiting'],
    ])('when Wise answers again: %s', async (fault, state) => {
      const id = await waiting();
      await chaos(lost(fault));
      const asked = await cancel(id);
      expect(asked.body).toMatchObject({
        ...{ status: 'requires_manual_funding', cancelRequestedAt: expect.any(String) as string },
      });
      expect((await atWise(house, id)).states).toEqual([state]);
      await due(id);
      await isCalledOff(id, ['cancelled']);
    });

    it('after the funding was rejected, though the answer to that is lost too', async () => {
      await policy({ rejectFunding: 'transfer.insufficient_funds' });
      await chaos(lost('lose_answer'));
      const id = await approved();
      await worker.drain();
      await policy({ rejectFunding: null });
      expect(await desk.payout(id)).toMatchObject({ status: 'failed', failureCode: 'transfer.insufficient_funds' });
      await due(id);
      await isCalledOff(id, ['cancelled'], 'failed');
    });

    it('by the time: the quote has expired before a worker came', async () => {
      const id = await approved();
      await later(1);
      expect(await desk.payout(id)).toMatchObject({ failureCode: 'QUOTE_EXPIRED' });
      await isCalledOff(id, [], 'failed');
      // And yet there is a transfer: somebody is told, and it is not paid for.
      const [known] = await house.rows<{ key: string; recipientRef: string }>(
        `SELECT p.transfer_key::text AS key, b.recipient_ref AS "recipientRef"
         FROM payouts p JOIN beneficiaries b ON b.id = p.beneficiary_id WHERE p.id = $1`,
        [id],
      );
      const { key: customerTransactionId = '', recipientRef = '' } = known ?? {};
      const wise = house.app.app.get(WiseGateway, { strict: false });
      const [sourceCurrency, target] = [parseCurrency('USD'), money(20_000n, parseCurrency('EUR'))];
      const { quoteRef } = await wise.quote({ sourceCurrency, target, recipientRef });
      await wise.createTransfer({ quoteRef, recipientRef, customerTransactionId, reference: 'late' });
      await isCalledOff(id, ['incoming_payment_waiting'], 'failed');
      const told = await house.rows("SELECT severity FROM alerts WHERE kind = 'payout.unwanted_transfer'");
      expect(told).toEqual([{ severity: 'critical' }]);
    });

    it('not, but paid by hand, where a person has to approve it and the answer that says so is lost', async () => {
      await policy({ strongAuthentication: true });
      await chaos({ api: [{ ...at.fund, fault: 'lose_answer', times: 1 }] });
      const id = await approved();
      await worker.drain();
      await due(id);
      expect(await statusOf(id)).toBe('requires_manual_funding');
      await policy({ strongAuthentication: false });
      await house.box.control('POST', `wise/transfers/${String((await desk.payout(id))['providerId'])}/fund`, {});
      await house.settle();
      await isPaidFor(id);
      expect(await courseOf(id)).toEqual(['queued', 'processing', 'requires_manual_funding', 'processing']);
    });
  });

  describe('webhooks', () => {
    it('before the answer', async () => {
      await chaos({
        api: [
          { ...at.order, fault: 'late_answer', times: 1, latencyMs: 0.8 * TIMEOUT_MS },
          { ...at.fund, fault: 'late_answer', times: 1, latencyMs: 0.8 * TIMEOUT_MS },
        ],
      });
      const id = await approved();
      let isRunning = true;
      const steps = worker.drain().finally(() => (isRunning = false));
      const inbox = house.app.app.get(InboxWorker, { strict: false });
      const known = async (): Promise<boolean> => {
        await inbox.drain();
        return (await desk.payout(id))['providerId'] !== null;
      };
      await until('the webhook has told of the transfer', known);
      expect(isRunning).toBe(true);
      await until('the answers are there', async () => !(await known()) || !isRunning);
      await steps;
      await house.settle();
      await isPaidFor(id);
      expect(await courseOf(id)).toEqual(['queued', 'processing']);
    });

    it('twice and in any order: all that was paid for arrives, once', async () => {
      await chaos({ webhooks: [{ fault: 'duplicate', copies: 2 }, { fault: 'reorder' }] });
      await later(48);
      for (const id of underWay) {
        expect([id, await atWise(house, id)]).toEqual([id, { states: ['outgoing_payment_sent'], payments: 1 }]);
        expect([id, await statusOf(id), (await courseOf(id)).at(-1)]).toEqual([id, 'paid', 'paid']);
      }
    });

    it('not at all: who stays silent is asked', async () => {
      const id = await approved();
      await house.settle();
      await chaos({ webhooks: [{ fault: 'drop' }] });
      await later(48);
      expect([await statusOf(id), (await atWise(house, id)).states]).toEqual(['processing', ['outgoing_payment_sent']]);
      expect(await worker.poll()).toBeGreaterThan(0);
      await house.settle();
      expect(await courseOf(id)).toEqual(['queued', 'processing', 'paid']);
      expect(await worker.poll()).toBe(0);
    });
  });

  it('leaves the books as every order of the facts makes them', async () => {
    expect((await desk.books())['payouts.wise.transit USD']).toBeUndefined();
    expect(await house.rows("SELECT kind FROM alerts WHERE kind IN ('ledger.break', 'inbox.dead_letter')")).toEqual([]);
    expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  }, 60_000);
});
