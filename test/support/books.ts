import type { House } from './house';
import { fetchAnswer, jsonPost, type Answer } from './http-client';
import { asUser } from './tokens';

/** By account, in minor units. */
export type Balances = Record<string, number>;

/** The finance desk: what it asks for, and what it sees in the books. For stories in one currency. */
export class Books {
  constructor(private readonly house: House) {}

  /** @param headers beside, or in the place of, those of somebody of finance. */
  call(method: 'GET' | 'POST', path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const identity = { ...asUser('fin', 'finance'), ...headers };
    return fetchAnswer(
      `${this.house.app.url}/v1${path}`,
      body === undefined ? { method, headers: identity } : jsonPost(body, identity),
    );
  }

  async balances(): Promise<Balances> {
    const rows = await this.house.rows<{ account: string; sum: number }>(
      'SELECT account_code AS account, sum(amount)::int AS sum FROM journal_entries GROUP BY 1',
    );
    return Object.fromEntries(rows.map(({ account, sum }) => [account, sum]));
  }

  /** What moved; accounts that stand as before are left out. */
  async movedSince(before: Balances): Promise<Balances> {
    const now = await this.balances();
    const changes = Object.entries(now).map(([account, sum]) => [account, sum - (before[account] ?? 0)] as const);
    return Object.fromEntries(changes.filter(([, sum]) => sum !== 0));
  }
}
