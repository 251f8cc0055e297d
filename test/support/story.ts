import type Stripe from 'stripe';
import { MirrorInvariant } from '../../src/modules/billing';
import type { Environment } from '../../src/platform/config';
import { Buyers } from './buyers';
import { fetchAnswer, jsonPost, type Answer } from './http-client';
import { startHouse, type House } from './house';
import { asUser } from './tokens';
import { verifyHouse } from './verified';

const HERO = 'hero';
const DAY_MS = 86_400_000;

/** An invoice as a story tells it; amounts in minor units. */
export interface Bill {
  /** Without the customer's prefix. */
  number: string;
  status: string;
  due: number;
  paid: number;
  /** `amount description [first day..last day]` */
  lines: string[];
}

/** A bill that was paid, or had nothing to pay. */
export function paidBill(number: string, amount: number, lines: string[]): Bill {
  return { number, status: 'paid', due: amount, paid: amount, lines };
}

/** One that was due and is not paid. */
export function unpaidBill(number: string, status: string, due: number, lines: string[]): Bill {
  return { number, status, due, paid: 0, lines };
}

/**
 * What the books say about the one customer there is, debit positive and zero left out. What Stripe keeps as its fee is
 * counted to what it holds, and earned revenue to what was invoiced: fees and time have tests of their own.
 */
export interface Books {
  held?: number;
  /** What banks keep while a payment is disputed. */
  disputed?: number;
  receivable?: number;
  credit?: number;
  invoiced?: number;
  tax?: number;
  refunded?: number;
  /** Disputes that were lost. */
  lost?: number;
  given?: number;
  badDebt?: number;
}

const BOOK_OF: Readonly<Record<string, keyof Books>> = {
  'stripe.clearing': 'held',
  'fees.stripe': 'held',
  'disputes.held': 'disputed',
  'customer.receivable': 'receivable',
  'customer.credit': 'credit',
  'revenue.deferred': 'invoiced',
  'revenue.subscription': 'invoiced',
  'tax.payable': 'tax',
  'revenue.refunds': 'refunded',
  'disputes.lost': 'lost',
  'credits.granted': 'given',
  'bad_debt.expense': 'badDebt',
};

/** By what the plans say of projects: `projects` is granted by all, each with its own limit. */
const PLAN_OF = new Map<number | null, string>([
  [3, 'BASIC'],
  [50, 'PRO'],
  [null, 'ENTERPRISE'],
]);

/** One customer, whole months, and a clock that only the story moves: Kassa's and Stripe's together. */
export class Story {
  readonly buyers: Buyers;
  private now: Date;

  private constructor(
    readonly house: House,
    start: Date,
  ) {
    this.buyers = new Buyers(house);
    this.now = start;
  }

  /** @param start as everywhere here: an ISO time without its zone, which is UTC. */
  static async begin(start: string, settings: Environment = {}): Promise<Story> {
    const moment = momentOf(start);
    return new Story(await startHouse({ start: moment, settings }), moment);
  }

  get stripe(): Stripe {
    return this.house.box.stripe;
  }

  /** All that happens until then has happened, and has been told and handled. */
  async at(moment: string): Promise<void> {
    await this.moveTo(momentOf(moment));
  }

  async days(days: number): Promise<void> {
    await this.moveTo(new Date(this.now.getTime() + days * DAY_MS));
  }

  /** What the customer asks of Kassa, and what came of it once all has been told. @throws for a refusal. */
  async ask(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer['body']> {
    const answer = await this.request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`);
    return answer.body;
  }

  /** The same for what may be refused. */
  async request(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer> {
    await this.holdClock();
    const answer = await this.house.as(HERO, method, path, body);
    if (method !== 'GET') await this.house.settle();
    return answer;
  }

  /** Buys, and confirms as the browser does: the first payment, or the card of a trial. */
  async buy(body: object, card = 'pm_card_visa'): Promise<Record<string, unknown>> {
    const bought = await this.ask('POST', '/billing/subscriptions', body);
    await this.confirm(bought['clientSecret'] as string, card);
    return bought['subscription'] as Record<string, unknown>;
  }

  /** What Stripe.js does with a client secret and the card that was typed in. */
  async confirm(clientSecret: string, card: string): Promise<void> {
    const [id] = clientSecret.split('_secret_') as [string];
    const intents = id.startsWith('seti_') ? this.stripe.setupIntents : this.stripe.paymentIntents;
    await intents.confirm(id, { payment_method: card });
    await this.house.settle();
  }

  /** Adds a card in the app and makes it the default. @returns its id */
  async useCard(card: string): Promise<string> {
    const { clientSecret } = await this.ask('POST', '/billing/payment-methods/setup', { type: 'card' });
    await this.confirm(clientSecret as string, card);
    const [method] = await this.methods();
    if (!method) throw new Error('There is no payment method');
    await this.ask('POST', `/billing/payment-methods/${method.id}/default`);
    return method.id;
  }

  /** Payment methods, newest first. */
  async methods(): Promise<{ id: string; last4: string; expMonth: number; expYear: number; isDefault: boolean }[]> {
    return (await this.ask('GET', '/billing/payment-methods'))['data'] as Awaited<ReturnType<Story['methods']>>;
  }

  /** Presses "pay now" on the one invoice that is open. */
  async retry(): Promise<Answer> {
    const open = (await this.invoices()).filter(({ status }) => status === 'open');
    expect(open).toHaveLength(1);
    return this.request('POST', `/billing/invoices/${open[0]!.id}/retry`, {});
  }

  async subscription(): Promise<Record<string, unknown>> {
    return this.ask('GET', '/billing/subscriptions/me');
  }

  /** The plan whose features are open to the customer now, by both ways of asking; null for none. */
  async access(): Promise<string | null> {
    const { features } = (await this.ask('GET', '/entitlements/me')) as unknown as {
      features: Record<string, { granted: boolean; limit: number | null }>;
    };
    const check = await this.ask('GET', '/entitlements/check?feature=projects');
    const projects = features['projects'];
    expect({ granted: check['allowed'], limit: check['limit'] }).toMatchObject({
      granted: projects?.granted ?? false,
      limit: projects?.limit ?? null,
    });
    return projects?.granted ? (PLAN_OF.get(projects.limit) ?? null) : null;
  }

  /** Oldest first. */
  async bills(): Promise<Bill[]> {
    const invoices = await this.invoices();
    return invoices.map((invoice) => ({
      number: (invoice.number ?? 'draft').replace(/^.*-/, ''),
      status: invoice.status,
      due: invoice.amountDue,
      paid: invoice.amountPaid,
      lines: invoice.lines.map(
        ({ amount, description, periodStart, periodEnd }) =>
          `${amount} ${description ?? ''} [${dayOf(periodStart)}..${dayOf(periodEnd)}]`,
      ),
    }));
  }

  /** Payments, oldest first, as `amount status`; with the reason where one was declined. */
  async payments(): Promise<string[]> {
    const { data } = (await this.ask('GET', '/billing/payments?limit=100')) as unknown as { data: PaymentJson[] };
    return data
      .reverse()
      .map(({ amount, status, declineCode }) =>
        [amount, status, declineCode].filter((each) => each !== null).join(' '),
      );
  }

  async books(): Promise<Books> {
    const books: Books = {};
    for (const [account, amount] of await this.accounts()) {
      const book = BOOK_OF[account];
      if (book === undefined) throw new Error(`A story does not know the account ${account}`);
      books[book] = (books[book] ?? 0) + amount;
    }
    for (const book of Object.keys(books) as (keyof Books)[])
      if (books[book] === 0) Reflect.deleteProperty(books, book);
    return books;
  }

  /** Every account's balance, debit positive. */
  async accounts(): Promise<Map<string, number>> {
    const { body } = await this.operate('finance', 'GET', '/ledger/balances');
    const balances = body['data'] as { account: string; amount: number }[];
    return new Map(balances.map(({ account, amount }) => [account, amount]));
  }

  /** What somebody of the staff asks, and what came of it. */
  async operate(
    role: 'support' | 'finance' | 'admin',
    method: 'GET' | 'POST',
    path: string,
    body?: object,
  ): Promise<Answer> {
    await this.holdClock();
    const url = `${this.house.app.url}/v1${path}`;
    const answer = await fetchAnswer(
      url,
      body ? jsonPost(body, asUser(role, role)) : { method, headers: asUser(role, role) },
    );
    if (method !== 'GET') await this.house.settle();
    return answer;
  }

  /** The customer's balance at Stripe; negative is credit. It is what our books say, always. */
  async balance(): Promise<number> {
    const customer = await this.stripe.customers.retrieve(await this.buyers.customerOf(HERO));
    return (customer as Stripe.Customer).balance;
  }

  /** Whatever became of the customer: the books balance, each invoice is Stripe's, and any order of telling ends here. */
  async end(): Promise<void> {
    await this.house.settle();
    const books = await this.books();
    expect(Object.values(books).reduce((sum: number, amount: number) => sum + amount, 0)).toBe(0);
    const ours = await this.house.rows<Record<string, unknown>>(
      `SELECT number, status, amount_due::int AS "amount_due", amount_paid::int AS "amount_paid"
       FROM invoices ORDER BY created_at, number`,
    );
    const theirs = await this.buyers.invoicesOf(HERO);
    const figures = theirs.map(({ number, status, amount_due, amount_paid }) => ({
      ...{ number, status, amount_due, amount_paid },
    }));
    expect(ours).toEqual(figures);
    const invariant = this.house.app.app.get(MirrorInvariant, { strict: false });
    expect((await invariant.checkAll()).differences).toEqual([]);
    // Crashes are the e2e houses' part: a story is short, and there are many.
    expect(await verifyHouse(this.house)).toMatchObject({ ok: true, recorded: [], failure: null });
  }

  close(): Promise<void> {
    return this.house.close();
  }

  private async invoices(): Promise<InvoiceJson[]> {
    return ((await this.ask('GET', '/billing/invoices?limit=100'))['data'] as InvoiceJson[]).reverse();
  }

  private async moveTo(moment: Date): Promise<void> {
    this.now = moment;
    await this.house.advance(moment);
  }

  /** Stripe's clock stands until it is moved, Kassa's runs on: before each request it is put back to less than a second past. */
  private async holdClock(): Promise<void> {
    const offsetSeconds = Math.ceil((this.now.getTime() - Date.now()) / 1000);
    const moved = await fetchAnswer(
      `${this.house.app.url}/v1/admin/clock`,
      jsonPost({ offsetSeconds }, asUser('operator', 'admin')),
    );
    if (moved.status !== 200) throw new Error(`The clock did not move: ${moved.text}`);
  }
}

interface InvoiceJson {
  id: string;
  number: string | null;
  status: string;
  amountDue: number;
  amountPaid: number;
  lines: { amount: number; description: string | null; periodStart: string; periodEnd: string }[];
}

interface PaymentJson {
  amount: number;
  status: string;
  declineCode: string | null;
}

function momentOf(text: string): Date {
  return new Date(`${text}Z`);
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}
