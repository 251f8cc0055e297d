import { Injectable, Logger } from '@nestjs/common';
import { customerRefOf } from '../../shared/aggregate';
import { isAppError } from '../../shared/app-error';
import type { StatementLine } from '../../shared/statement-line';
import type { ListPage } from '../provider.port';
import type { StatementSource, TellingObject } from '../statement.port';
import { AppleClient } from './apple-client';
import { appleAggregate, AUTO_RENEWABLE } from './apple-facts';
import { AppleMissed } from './apple-missed';
import { AppleReader } from './apple-reader';
import { linesOfHistory } from './apple-statement-lines';
import type { AppleTransaction } from './apple-wire';

/**
 * The App Store's account of our sales. It lists no movements by time: its notification history tells who bought or was refunded then,
 * for half a year, and his transaction history tells what; customers who are known here are asked for besides. The latest form of each
 * transaction is all there is: no fee, and nothing of a refund that was taken back.
 */
@Injectable()
export class AppleStatement implements StatementSource {
  private readonly logger = new Logger(AppleStatement.name);
  readonly provider = 'apple';
  /** Everything signed for our app is ours. */
  readonly isShared = false;

  constructor(
    private readonly client: AppleClient,
    private readonly reader: AppleReader,
    private readonly missed: AppleMissed,
  ) {}

  get on(): boolean {
    return this.client.isOn;
  }

  async lines(range: { from: Date; to: Date }, page?: string): Promise<ListPage<StatementLine>> {
    const { items, next } = await this.missed.sent({ since: range.from, until: range.to }, page);
    const customers = new Set(items.flatMap(({ aggregate }) => (aggregate === null ? [] : [customerRefOf(aggregate)])));
    const lines: StatementLine[] = [];
    for (const customer of customers) lines.push(...(await this.linesOfCustomer(customer, range)));
    return { items: lines, next };
  }

  /** Of all that the Apple account behind it bought here, be it under one original transaction or several. */
  async linesOfCustomer(
    originalTransactionId: string,
    { from, to }: { from: Date; to: Date },
  ): Promise<StatementLine[]> {
    const lines = this.read(await this.reader.history(originalTransactionId));
    return lines.filter(({ createdAt }) => createdAt >= from && createdAt < to);
  }

  async linesOf(objectRef: string): Promise<StatementLine[]> {
    const transaction = await this.reader.transaction(objectRef);
    return transaction ? this.read([transaction]) : [];
  }

  whose({ aggregate }: StatementLine): Promise<string | null> {
    return Promise.resolve(aggregate);
  }

  telling({ kind, objectRef }: StatementLine): Promise<TellingObject[]> {
    return objectRef === null ? Promise.resolve([]) : this.told(objectRef, kind === 'refund' ? 'refund' : 'payment');
  }

  /** A refund that stands here and not there was taken back, and the reading of it says so. */
  tellingOf(objectRef: string): Promise<TellingObject[]> {
    return this.told(objectRef, 'refund');
  }

  /** With the subscription it is of: what was not told of the money was not told of access either. */
  private async told(transactionId: string, objectType: 'payment' | 'refund'): Promise<TellingObject[]> {
    const transaction = await this.reader.transaction(transactionId);
    if (!transaction) return [];
    const aggregate = appleAggregate(transaction.originalTransactionId);
    const money: TellingObject = { objectType, objectId: transactionId, aggregate };
    if (transaction.type !== AUTO_RENEWABLE) return [money];
    return [money, { objectType: 'subscription', objectId: transaction.originalTransactionId, aggregate }];
  }

  /** What nobody can read, as in a currency nobody knows, is told of by the event it came with. */
  private read(transactions: readonly AppleTransaction[]): StatementLine[] {
    return linesOfHistory(transactions, (transactionId, error) => {
      if (!isAppError(error)) throw error;
      this.logger.warn(`Apple's transaction ${transactionId} is left out of its statement: ${error.code}`);
    });
  }
}
