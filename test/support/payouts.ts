import type { Answer } from './http-client';
import type { House } from './house';
import { asUser } from './tokens';

/** Where the IBAN of the tests is. */
export const ADA = {
  name: 'Ada Lovelace',
  currency: 'EUR',
  type: 'iban',
  details: { legalType: 'PRIVATE', IBAN: 'DE89370400440532013000' },
} as const;

type Body = Record<string, unknown>;

/** Finance at work: who prepares, and two who approve. */
export function payoutsDesk(house: House) {
  const call = (
    userId: string,
    method: 'GET' | 'POST',
    path: string,
    body?: Body,
    headers: Record<string, string> = {},
    role = 'finance',
  ): Promise<Answer> => house.as(userId, method, path, body, { ...asUser(userId, role), ...headers });
  let serial = 0;
  return {
    call,
    prepare: (body: Body = {}, headers?: Record<string, string>): Promise<Answer> => {
      serial += 1;
      const payout = { beneficiary: ADA, sourceCurrency: 'USD', amount: 250_000, currency: 'EUR' };
      return call('maker', 'POST', '/payouts/prepare', { ...payout, reference: `Invoice ${serial}`, ...body }, headers);
    },
    approve: (payoutId: string, body: Body = {}, by = 'checker'): Promise<Answer> =>
      call(by, 'POST', '/payouts/approve', { payoutId, ...body }),
    payout: async (id: string): Promise<Answer['body']> => (await call('maker', 'GET', `/payouts/${id}`)).body,
    /** What the books hold on accounts of payouts, `account currency` to minor units, those of zero left out. */
    books: async (): Promise<Record<string, number>> => {
      const rows = await house.rows<{ key: string; sum: string }>(
        `SELECT account_code || ' ' || currency AS key, sum(amount)::text AS sum FROM journal_entries
         WHERE account_code LIKE 'wise.%' OR account_code LIKE 'payouts.%' OR account_code = 'fees.wise'
         GROUP BY 1 HAVING sum(amount) <> 0 ORDER BY 1`,
      );
      return Object.fromEntries(rows.map(({ key, sum }) => [key, Number(sum)]));
    },
  };
}
