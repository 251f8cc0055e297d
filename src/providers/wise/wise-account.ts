import { Injectable } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import type { TransferState } from '../../shared/transfer-payloads';
import { WiseClient, type Answered } from './wise-client';
import { readStatement, type WiseMovement } from './wise-movements';
import { isWiseId } from './wise-shape';
import {
  readBalances,
  readPaymentCount,
  readTransfer,
  readTransferRefs,
  readTransferStates,
  type WiseBalance,
  type WiseTransfer,
} from './wise-wire';

const DAY_MS = 86_400_000;
/** An interval of a statement is not longer. */
export const LONGEST_MS = 469 * DAY_MS;
const PAGE = 100;

/** When transfers were made, both ends inclusive. */
interface Made {
  since: Date;
  until: Date;
}

/** What Wise tells of our account when it is asked: nothing here changes anything there. @throws as `WiseClient.call`. */
@Injectable()
export class WiseAccount {
  constructor(private readonly client: WiseClient) {}

  get isOn(): boolean {
    return this.client.isOn;
  }

  /** Null where Wise has none of this id. */
  async transfer(transferRef: string): Promise<Answered<WiseTransfer> | null> {
    if (!isWiseId(transferRef)) return null;
    try {
      return await this.get(`/v1/transfers/${transferRef}`, readTransfer);
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }

  /** Whether it has ever been paid for. */
  async wasFunded(transferRef: string): Promise<boolean> {
    return (await this.get(`/v1/transfers/${transferRef}/payments`, readPaymentCount)).value > 0;
  }

  /** Transfers of ours made in that time, a page of them. @param place of the page, 0 for the first */
  async transfersMade(range: Made, place: number): Promise<{ refs: string[]; next: number | null }> {
    const { all, refOf } = await this.list(range, place, readTransferRefs);
    return { refs: [...refOf.values()], next: all < PAGE ? null : place + PAGE };
  }

  /** The id of the transfer that was made in that time under a key of ours; null where there is none. */
  async transferOfKey(customerTransactionId: string, range: Made): Promise<string | null> {
    for (let place = 0; ; place += PAGE) {
      const { all, refOf } = await this.list(range, place, readTransferRefs);
      const ref = refOf.get(customerTransactionId);
      if (ref !== undefined) return ref;
      if (all < PAGE) return null;
    }
  }

  /** How every transfer made in that time stands, whoever has made it, by its id. */
  async transferStates(range: Made): Promise<Map<string, TransferState>> {
    const found = new Map<string, TransferState>();
    for (let place = 0; ; place += PAGE) {
      const { all, states } = await this.list(range, place, readTransferStates);
      for (const [ref, state] of states) found.set(ref, state);
      if (all < PAGE) return found;
    }
  }

  /** One per currency, in an order that stays. */
  async balances(): Promise<WiseBalance[]> {
    const path = `/v4/profiles/${this.client.profileId}/balances`;
    const { value } = await this.get(path, readBalances, { types: 'STANDARD' });
    return value.sort((a, b) => Number(a.balanceRef) - Number(b.balanceRef));
  }

  /**
   * What moved on a balance in that time, at most `LONGEST_MS` of it. @param range `from` inclusive, `to` exclusive
   * @throws PROVIDER_APPROVAL_REQUIRED besides, where Wise shows statements to nobody without a second factor.
   */
  async movements(
    { balanceRef, currency }: Pick<WiseBalance, 'balanceRef' | 'currency'>,
    { from, to }: { from: Date; to: Date },
  ): Promise<Answered<WiseMovement[]>> {
    // Both ends are inclusive there.
    const end = new Date(to.getTime() - 1);
    const path = `/v1/profiles/${this.client.profileId}/balance-statements/${balanceRef}/statement.json`;
    const interval = { intervalStart: from.toISOString(), intervalEnd: end.toISOString() };
    const { value, at } = await this.get(path, readStatement, { currency, ...interval, type: 'COMPACT' });
    return { value: value.filter((movement) => movement.at >= from && movement.at < to), at };
  }

  private async list<T>({ since, until }: Made, place: number, read: (body: unknown) => T): Promise<T> {
    const { value } = await this.get('/v1/transfers', read, {
      profile: this.client.profileId,
      ...{ createdDateStart: since.toISOString(), createdDateEnd: until.toISOString() },
      ...{ limit: String(PAGE), offset: String(place) },
    });
    return value;
  }

  private get<T>(
    path: string,
    read: (body: unknown) => T,
    query?: Readonly<Record<string, string>>,
  ): Promise<Answered<T>> {
    return this.client.call({ method: 'GET', path, ...(query && { query }), repeatable: true }, read);
  }
}
