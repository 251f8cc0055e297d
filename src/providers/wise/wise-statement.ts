import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { StatementLine } from '../../shared/statement-line';
import type { ListPage } from '../provider.port';
import type { StatementSource, TellingObject } from '../statement.port';
import { LONGEST_MS, WiseAccount } from './wise-account';
import { movedAt, toLine, WISE_HOUSE } from './wise-movements';
import { WiseReader } from './wise-reader';
import { isWiseId } from './wise-shape';

interface Range {
  from: Date;
  to: Date;
}

const DAY_MS = 86_400_000;

/** Our balances at Wise, every line of their statements. */
@Injectable()
export class WiseStatement implements StatementSource {
  readonly provider = 'wise';
  /** Whatever moves our money there is ours to explain, whoever has made it. */
  readonly isShared = false;

  constructor(
    private readonly account: WiseAccount,
    private readonly reader: WiseReader,
    private readonly clock: Clock,
  ) {}

  get on(): boolean {
    return this.account.isOn;
  }

  /** @param page `<balance>:<milliseconds>`: where it goes on */
  async lines({ from, to }: Range, page?: string): Promise<ListPage<StatementLine>> {
    const balances = await this.account.balances();
    const [balanceRef, start] = page?.split(':') ?? [balances[0]?.balanceRef, String(from.getTime())];
    // One that was closed meanwhile is left out: the next one goes on.
    const place = balances.findIndex((one) => Number(one.balanceRef) >= Number(balanceRef));
    const balance = balances[place];
    if (!balance) return { items: [], next: null };
    const begin = balance.balanceRef === balanceRef ? Number(start) : from.getTime();
    const end = Math.min(to.getTime(), begin + LONGEST_MS - DAY_MS);
    const items = await this.moved(balance, { from: new Date(begin), to: new Date(end) });
    if (end < to.getTime()) return { items, next: `${balance.balanceRef}:${end}` };
    const following = balances[place + 1];
    return { items, next: following ? `${following.balanceRef}:${from.getTime()}` : null };
  }

  /** @param objectRef a transfer's id, or the reference of a deposit. Of what is too long ago for one statement there is nothing. */
  async linesOf(objectRef: string): Promise<StatementLine[]> {
    const now = this.clock.now().getTime();
    // Wise's clock is not ours.
    const longAgo = now + DAY_MS - LONGEST_MS;
    const transfer = (await this.account.transfer(objectRef))?.value;
    if (isWiseId(objectRef) && !transfer) return [];
    const balances = await this.account.balances();
    const those = transfer ? balances.filter(({ currency }) => currency === transfer.sourceCurrency) : balances;
    const from = transfer ? Math.max(longAgo, transfer.createdAt.getTime() - DAY_MS) : longAgo;
    const found: StatementLine[] = [];
    for (const balance of those) {
      const lines = await this.moved(balance, { from: new Date(from), to: new Date(now + DAY_MS) });
      found.push(...lines.filter((line) => line.objectRef === objectRef));
    }
    return found;
  }

  async whose({ aggregate, objectRef }: StatementLine): Promise<string | null> {
    if (aggregate !== null || objectRef === null) return aggregate;
    return this.reader.aggregateOf(objectRef);
  }

  telling({ kind, objectRef, currency, createdAt }: StatementLine): Promise<TellingObject[]> {
    if (objectRef === null) return Promise.resolve([]);
    if (kind !== 'deposit') return this.tellingOf(objectRef);
    const objectId = movedAt(currency, createdAt);
    return Promise.resolve([{ objectType: 'deposit', objectId, aggregate: WISE_HOUSE }]);
  }

  /** What somebody made on Wise's own pages has no reading that would book it. */
  async tellingOf(objectRef: string): Promise<TellingObject[]> {
    const aggregate = await this.reader.aggregateOf(objectRef);
    return aggregate === null ? [] : [{ objectType: 'transfer', objectId: objectRef, aggregate }];
  }

  private async moved(balance: Parameters<WiseAccount['movements']>[0], range: Range): Promise<StatementLine[]> {
    const { value } = await this.account.movements(balance, range);
    return value.map(toLine);
  }
}
