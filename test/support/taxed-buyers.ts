import { Buyers } from './buyers';
import type { House } from './house';
import { booksHold } from './verified';

export interface ToldTax {
  amount: number;
  inclusive: boolean;
  reason: string;
}
export type ToldInvoice = { id: string; status: string; tax: number; amountDue: number; taxes: ToldTax[] } & Record<
  string,
  unknown
>;

/** What stories of taxed customers have in common. */
export class TaxedBuyers extends Buyers {
  constructor(private readonly at: House) {
    super(at);
  }

  async lives(user: string, address: object, more: object = {}): Promise<void> {
    const { status, text } = await this.at.as(user, 'PUT', '/billing/details', { address, ...more });
    if (status !== 200) throw new Error(`${user} does not live there: ${text}`);
  }

  /** The user's invoices, newest first, as the service tells them. */
  async told(user: string): Promise<ToldInvoice[]> {
    return (await this.at.as(user, 'GET', '/billing/invoices')).body['data'] as ToldInvoice[];
  }

  /** The balance of an account of the books, credits positive. */
  async balance(account: string): Promise<number> {
    const [row] = await this.at.rows<{ sum: string }>(
      'SELECT coalesce(-sum(amount), 0)::text AS sum FROM journal_entries WHERE account_code = $1',
      [account],
    );
    return Number(row?.sum);
  }

  /** The books balance, everything can be told again, and what is owed to tax offices is what stands on invoices. */
  async expectSound(): Promise<void> {
    await this.at.settle();
    const { invoices } = await this.state();
    const owed = invoices
      .filter(({ status }) => status !== 'draft' && status !== 'void')
      .flatMap(({ total_taxes: taxes }) => taxes ?? [])
      .reduce((sum, { amount }) => sum + amount, 0);
    const [corrected] = await this.at.rows<{ tax: number }>(
      "SELECT coalesce(sum(tax), 0)::int AS tax FROM credit_notes WHERE status <> 'void'",
    );
    expect(await this.balance('tax.payable')).toBe(owed - (corrected?.tax ?? NaN));
    await booksHold(this.at);
  }
}
