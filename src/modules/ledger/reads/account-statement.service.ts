import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { Keyset } from '../../../platform/http';
import { ACCOUNTS, isAccountCode, type AccountType } from '../domain/accounts';
import { accountNotFound } from '../ledger.errors';
import { BalancesRepository, type AccountOf, type Period, type StatementLine } from './balances.repository';

/** A line with what the account stands at behind it. */
export type BalancedLine = StatementLine & { balance: bigint };

/** One page of what moved an account in a period. Amounts in minor units, debit positive. */
export interface AccountStatement extends AccountOf {
  type: AccountType;
  opening: bigint;
  closing: bigint;
  lines: BalancedLine[];
}

/** Where to go on, and how far. */
export interface StatementPage {
  limit: number;
  after: Keyset | undefined;
}

@Injectable()
export class AccountStatements {
  constructor(private readonly balances: BalancesRepository) {}

  /** The opening and the closing balance are the period's, whatever page is shown. @throws ACCOUNT_NOT_FOUND */
  async of(tx: Tx, { account, currency }: AccountOf, period: Period, page: StatementPage): Promise<AccountStatement> {
    if (!isAccountCode(account)) throw accountNotFound(account);
    const which = { account, currency };
    const opening = period.from === undefined ? 0n : await this.balances.before(tx, which, period.from);
    const closing = await this.balances.before(tx, which, period.to ?? null);
    const lines = await this.balances.lines(tx, which, period, page.limit, page.after);
    // A place before the period is its beginning.
    const after = page.after && (period.from === undefined || page.after.createdAt >= period.from) ? page.after : null;
    let balance = after ? await this.balances.behind(tx, which, after) : opening;
    const balanced = lines.map((line) => ({ ...line, balance: (balance += line.amount) }));
    return { ...which, type: ACCOUNTS[account].type, opening, closing, lines: balanced };
  }
}
