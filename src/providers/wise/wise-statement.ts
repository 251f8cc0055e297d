import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { StatementLine } from '../../shared/statement-line';
import type { TransferState } from '../../shared/transfer-payloads';
import type { ListPage } from '../provider.port';
import type { StatementSource, TellingObject } from '../statement.port';
import { LONGEST_MS, WiseAccount } from './wise-account';
import { movedAt, toLine, transferRefOf, WISE_HOUSE, type WiseMovement } from './wise-movements';
import { WiseReader } from './wise-reader';
import { isWiseId } from './wise-shape';

interface Range {
  from: Date;
  to: Date;
}

const DAY_MS = 86_400_000;
/** What is not paid for by then, Wise calls off. */
const UNPAID_MS = 14 * DAY_MS;

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
    const moved = await this.moved(balance, { from: new Date(begin), to: new Date(end) });
    const states = await this.statesOf(moved);
    const items = moved.map((movement) => toLine(movement, states));
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
      const moved = await this.moved(balance, { from: new Date(from), to: new Date(now + DAY_MS) });
      const lines = moved.map((movement) => toLine(movement, new Map()));
      found.push(...lines.filter((line) => line.objectRef === objectRef));
    }
    return found;
  }

  async whose({ aggregate, objectRef }: StatementLine): Promise<string | null> {
    if (aggregate !== null || objectRef === null) return aggregate;
    return this.reader.aggregateOf(objectRef);
  }

  /** What somebody made on Wise's own pages has no reading that would book it. */
  async telling({ kind, objectRef, currency, createdAt }: StatementLine): Promise<TellingObject[]> {
    if (objectRef === null) return [];
    if (kind === 'deposit') {
      return [{ objectType: 'deposit', objectId: movedAt(currency, createdAt), aggregate: WISE_HOUSE }];
    }
    const aggregate = await this.reader.aggregateOf(objectRef);
    return aggregate === null ? [] : [{ objectType: 'transfer', objectId: objectRef, aggregate }];
  }

  /** Nothing is paid elsewhere, and what is booked once no reading takes back. */
  tellingOf(): Promise<TellingObject[]> {
    return Promise.resolve([]);
  }

  private async moved(balance: Parameters<WiseAccount['movements']>[0], range: Range): Promise<WiseMovement[]> {
    return (await this.account.movements(balance, range)).value;
  }

  /** How what was paid for stands by now, the list of what was made not long before. */
  private async statesOf(movements: readonly WiseMovement[]): Promise<Map<string, TransferState>> {
    const paid = movements.filter((movement) => movement.amount < 0n && transferRefOf(movement) !== null);
    const times = paid.map(({ at }) => at.getTime()).sort((a, b) => a - b);
    const [first, last] = [times[0], times.at(-1)];
    if (first === undefined || last === undefined) return new Map();
    return this.account.transferStates({ since: new Date(first - UNPAID_MS - DAY_MS), until: new Date(last) });
  }
}
