import { randomUUID } from 'node:crypto';
import { startHouse, type House } from '../support/house';
import { expectRefusal, fetchAnswer, jsonPost, type Answer } from '../support/http-client';
import { TaxedBuyers } from '../support/taxed-buyers';
import { asUser } from '../support/tokens';

const START = new Date('2026-01-15T10:00:00Z');
const DAY_MS = 86_400_000;
const GROSS = 3_451;

/** Credit notes as an operator issues them, and the books beside them. */
class Desk {
  constructor(
    private readonly house: House,
    private readonly buyers: TaxedBuyers,
  ) {}

  post(path: string, body: unknown, headers: object = {}): Promise<Answer> {
    const as = { ...asUser('fin', 'finance'), 'idempotency-key': randomUUID(), ...headers };
    return fetchAnswer(`${this.house.app.url}/v1${path}`, jsonPost(body, as));
  }

  /** On the user's newest invoice. */
  async credit(user: string, amount: number, target: string, headers: object = {}): Promise<Answer> {
    const [invoice] = await this.buyers.told(user);
    const answer = await this.post(`/admin/invoices/${invoice!.id}/credit-notes`, { amount, target }, headers);
    await this.house.settle();
    return answer;
  }

  /** How much less is owed to tax offices after `work`. */
  async untaxed(work: () => Promise<unknown>): Promise<number> {
    const before = await this.buyers.balance('tax.payable');
    await work();
    return before - (await this.buyers.balance('tax.payable'));
  }
}

describe('credit notes on taxed invoices', () => {
  let house: House;
  let buyers: TaxedBuyers;
  let desk: Desk;
  let moved = START;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { STRIPE_TAX: 'on' } });
    buyers = new TaxedBuyers(house);
    desk = new Desk(house, buyers);
  }, 30_000);
  afterAll(() => house.close());

  const later = async (ms: number) => {
    moved = new Date(moved.getTime() + ms);
    await house.advance(moved);
  };
  const german = async (user: string) => {
    await buyers.lives(user, { country: 'DE' });
    return buyers.subscribe(user);
  };

  it.each([
    ['refund', 'refunded'],
    ['credit', 'credited'],
    ['out_of_band', 'outOfBand'],
  ])('give all the tax back with the whole amount, as %s', async (target, field) => {
    const user = `whole-${target}`;
    await german(user);
    const tax = await desk.untaxed(async () => {
      const made = await desk.credit(user, GROSS, target);
      expect(made).toMatchObject({ status: 201, body: { total: GROSS, tax: 551, [field]: GROSS } });
    });
    expect(tax).toBe(551);
    expectRefusal(await desk.credit(user, 1, target), 422, 'CREDIT_NOTE_EXCEEDS_INVOICE');
  });

  it('give its part back with a part, and the rest with the rest', async () => {
    await german('parts');
    const first = await desk.untaxed(async () => {
      expect((await desk.credit('parts', 1_000, 'credit')).body).toMatchObject({ total: 1_000, tax: 160 });
    });
    const rest = await desk.untaxed(async () => {
      expect((await desk.credit('parts', GROSS - 1_000, 'refund')).body).toMatchObject({ refunded: 2_451, tax: 391 });
    });
    expect([first, rest]).toEqual([160, 391]);
  });

  it('refuse an amount that no part of a line comes to, and name those beside it', async () => {
    await german('odd');
    const before = await house.rows('SELECT 1 FROM provider_intents');
    const refused = await desk.credit('odd', 3, 'credit');
    expectRefusal(refused, 422, 'CREDIT_NOTE_AMOUNT_UNAVAILABLE');
    expect(refused.body.error?.details).toMatchObject({ nearest: [2, 4] });
    expect(await house.rows('SELECT 1 FROM provider_intents')).toEqual(before);
    expect((await desk.credit('odd', 4, 'credit')).body).toMatchObject({ total: 4, tax: 1 });
  });

  it('of an open invoice lower what is owed and the tax in it, until they are taken back', async () => {
    const { card } = await german('debtor');
    await buyers.cardIs(card, 'insufficient_funds');
    await later(32 * DAY_MS);
    expect((await buyers.told('debtor'))[0]).toMatchObject({ status: 'open', amountDue: GROSS });
    let note = '';
    const given = await desk.untaxed(async () => {
      const made = await desk.credit('debtor', 1_190, 'owed');
      expect(made).toMatchObject({ status: 201, body: { owed: 1_190, tax: 190 } });
      note = String(made.body['id']);
    });
    expect(given).toBe(190);
    expect((await buyers.told('debtor'))[0]).toMatchObject({ amountDue: GROSS - 1_190 });
    const taken = await desk.untaxed(async () => {
      expect((await desk.post(`/admin/credit-notes/${note}/void`, {})).status).toBe(200);
      await house.settle();
    });
    expect(taken).toBe(-190);
    expect((await desk.credit('debtor', GROSS, 'owed')).body).toMatchObject({ owed: GROSS, tax: 551 });
  });

  it('are laid out on several lines, but not on what the invoice gives back', async () => {
    await german('grower');
    await later(9 * DAY_MS);
    const changed = await house.as('grower', 'PATCH', '/billing/subscriptions/plan', { plan: 'ENTERPRISE' });
    expect(changed.status).toBe(200);
    await house.settle();
    const [invoice] = await buyers.told('grower');
    expect(invoice!['lines']).toHaveLength(2);
    const tax = await desk.untaxed(async () => {
      const made = await desk.credit('grower', 1_190, 'credit');
      expect(made).toMatchObject({ status: 201, body: { total: 1_190, tax: 190 } });
    });
    expect(tax).toBe(190);
  });

  it('reduce the tax on what a discount left', async () => {
    const off = { code: 'QUARTER', percentOff: 25, duration: 'forever' };
    const made = await fetchAnswer(`${house.app.url}/v1/admin/discounts`, jsonPost(off, asUser('boss', 'admin')));
    expect(made.status).toBe(201);
    await house.settle();
    await buyers.lives('saver', { country: 'DE' });
    await buyers.subscribe('saver', 'PRO', { discountCode: 'QUARTER' });
    expect((await desk.credit('saver', 1_294, 'refund')).body).toMatchObject({ total: 1_294, tax: 207 });
    expect((await desk.credit('saver', 1_294, 'refund')).body).toMatchObject({ total: 1_294, tax: 207 });
  });

  it('sent twice under a key, or half, are one', async () => {
    await german('twice');
    const headers = { 'idempotency-key': randomUUID() };
    await house.box.control('PUT', 'chaos', {
      api: [{ fault: 'lose_answer', method: 'POST', pathPrefix: '/v1/credit_notes' }],
    });
    const lost = await desk.credit('twice', 1_000, 'credit', headers);
    expectRefusal(lost, 502, 'PROVIDER_ERROR');
    await house.box.control('PUT', 'chaos', {});
    const again = await desk.credit('twice', 1_000, 'credit', headers);
    expect(again).toMatchObject({ status: 201, body: { total: 1_000, tax: 160 } });
    const notes = await house.rows(
      `SELECT n.total::int, n.tax::int FROM credit_notes n JOIN customers c ON c.id = n.customer_id WHERE c.user_id = 'twice'`,
    );
    expect(notes).toEqual([{ total: 1_000, tax: 160 }]);
  });

  it('leave books that balance and can be told again', () => buyers.expectSound(), 180_000);
});

describe('credit notes where prices contain tax', () => {
  let house: House;
  let buyers: TaxedBuyers;
  beforeAll(async () => {
    house = await startHouse({ start: START, settings: { STRIPE_TAX: 'on', STRIPE_TAX_BEHAVIOR: 'inclusive' } });
    buyers = new TaxedBuyers(house);
  }, 30_000);
  afterAll(() => house.close());

  it('take the tax out of any amount', async () => {
    const desk = new Desk(house, buyers);
    await buyers.lives('greta', { country: 'DE' });
    await buyers.subscribe('greta');
    const tax = await desk.untaxed(async () => {
      expect((await desk.credit('greta', 3, 'credit')).body).toMatchObject({ total: 3, tax: 0 });
      expect((await desk.credit('greta', 1_190, 'refund')).body).toMatchObject({ total: 1_190, tax: 190 });
      expect((await desk.credit('greta', 1_707, 'credit')).body).toMatchObject({ total: 1_707, tax: 273 });
    });
    expect(tax).toBe(463);
    await buyers.expectSound();
  }, 180_000);
});
