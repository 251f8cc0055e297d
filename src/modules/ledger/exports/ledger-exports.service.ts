import { Injectable } from '@nestjs/common';
import { Snapshots, type Snapshot } from '../../../platform/database';
import { isAccountCode } from '../domain/accounts';
import { accountNotFound, reportNotPossible } from '../ledger.errors';
import type { AccountOf, Period } from '../reads/balances.repository';
import { BeancountWriter } from './domain/beancount';
import { csvRecord } from './domain/csv';
import {
  JOURNAL_COLUMNS,
  journalRecords,
  STATEMENT_COLUMNS,
  statementBalanceRecord,
  statementRecord,
  TRIAL_BALANCE_COLUMNS,
  trialBalanceRecord,
} from './domain/csv-reports';
import { ExportRepository } from './export.repository';

export const REPORTS = ['journal', 'trial_balance', 'statement'] as const;
export const FORMATS = ['csv', 'beancount'] as const;

export interface ExportRequest extends Period {
  report: (typeof REPORTS)[number];
  format: (typeof FORMATS)[number];
  /** Of a statement. */
  account?: string | undefined;
  currency?: string | undefined;
}

/** A file in the making. `close` it, read to its end or not. */
export interface ExportedFile {
  name: string;
  contentType: string;
  chunks: AsyncIterable<string>;
  readonly close: () => Promise<void>;
}

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  beancount: 'text/plain; charset=utf-8',
} as const;
const EXTENSIONS = { csv: 'csv', beancount: 'beancount' } as const;

/** The books as files, as of one moment and in bounded memory. */
@Injectable()
export class LedgerExports {
  constructor(
    private readonly snapshots: Snapshots,
    private readonly repository: ExportRepository,
  ) {}

  /** Connected when it returns: what fails from then on cuts the file off. @throws REPORT_NOT_POSSIBLE, ACCOUNT_NOT_FOUND, TRY_LATER */
  async open(request: ExportRequest): Promise<ExportedFile> {
    const { report, format } = request;
    const account = report === 'statement' ? accountOf(request) : null;
    if (format === 'beancount' && report !== 'journal') {
      throw reportNotPossible('Only the journal can be had in the beancount format');
    }
    const snapshot = await this.snapshots.take();
    return {
      name: `kassa-${report.replace('_', '-')}.${EXTENSIONS[format]}`,
      contentType: CONTENT_TYPES[format],
      chunks: this.chunksOf(snapshot, request, account),
      close: snapshot.close,
    };
  }

  private chunksOf(
    snapshot: Snapshot,
    { report, format, ...period }: ExportRequest,
    account: AccountOf | null,
  ): AsyncIterable<string> {
    if (account !== null) return this.statement(snapshot, account, period);
    if (report === 'trial_balance') return this.trialBalance(snapshot, period);
    return format === 'beancount' ? this.beancount(snapshot, period) : this.journal(snapshot, period);
  }

  private async *journal(snapshot: Snapshot, period: Period): AsyncGenerator<string> {
    yield csvRecord(JOURNAL_COLUMNS);
    for await (const batch of this.repository.journal(snapshot, period)) yield batch.map(journalRecords).join('');
  }

  private async *beancount(snapshot: Snapshot, period: Period): AsyncGenerator<string> {
    const writer = new BeancountWriter();
    const from = period.from ?? null;
    const opening = from === null ? [] : await this.repository.balances(snapshot, from);
    yield writer.head(
      opening.filter(({ balance }) => balance !== '0'),
      from,
    );
    for await (const batch of this.repository.journal(snapshot, period)) {
      yield batch.map((transaction) => writer.transaction(transaction)).join('');
    }
    yield writer.foot();
  }

  /** As of the end of the period. */
  private async *trialBalance(snapshot: Snapshot, { to }: Period): AsyncGenerator<string> {
    yield csvRecord(TRIAL_BALANCE_COLUMNS);
    yield (await this.repository.balances(snapshot, to ?? null)).map(trialBalanceRecord).join('');
  }

  private async *statement(snapshot: Snapshot, account: AccountOf, period: Period): AsyncGenerator<string> {
    const { currency } = account;
    let balance = period.from === undefined ? 0n : await this.repository.balanceBefore(snapshot, account, period.from);
    yield csvRecord(STATEMENT_COLUMNS) + statementBalanceRecord('opening', balance, currency);
    for await (const batch of this.repository.movementsOf(snapshot, account, period)) {
      const lines = batch.map(({ amount, ...line }) => {
        balance += BigInt(amount);
        return statementRecord(line, BigInt(amount), balance, currency);
      });
      yield lines.join('');
    }
    yield statementBalanceRecord('closing', balance, currency);
  }
}

function accountOf({ account, currency }: ExportRequest): AccountOf {
  if (account === undefined || currency === undefined) {
    throw reportNotPossible('A statement is of one account and one currency');
  }
  if (!isAccountCode(account)) throw accountNotFound(account);
  return { account, currency };
}
