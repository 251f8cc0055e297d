import { Injectable } from '@nestjs/common';
import { isAppError, unavailable } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import type { DepositFact, FactObjectType, TransferStatePayload } from '../../shared/facts';
import { amountToJson } from '../../shared/money';
import type { TransferState } from '../../shared/transfer-payloads';
import type { ReadResult } from '../provider.port';
import { LONGEST_MS, WiseAccount } from './wise-account';
import { wiseAggregate } from './wise-gateway';
import { isDeposit, timeAbout, transferRefOf, WISE_HOUSE } from './wise-movements';
import type { WiseTransfer } from './wise-wire';

/** States in which a transfer has ended without paying: what was paid for it comes back. */
const ENDED: ReadonlySet<TransferState> = new Set(['cancelled', 'funds_refunded', 'charged_back']);
const DAY_MS = 86_400_000;
/** A person has to approve it; until he does, nobody need ask again soon. */
const APPROVAL_SECONDS = 3_600;

/** Asks Wise how things stand. A reading is told at the second in which Wise answered, by its own clock. */
@Injectable()
export class WiseReader {
  constructor(
    private readonly account: WiseAccount,
    private readonly clock: Clock,
  ) {}

  /** Null where Wise has no such object. @throws what the failure of Wise's is called. */
  async read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    switch (objectType) {
      case 'transfer':
        return this.transfer(objectId, sourceId);
      case 'deposit':
        return this.deposits(objectId, sourceId);
      default:
        return null;
    }
  }

  /** What a transfer is told under; null where Wise has none, or it was not made by us. */
  async aggregateOf(transferRef: string): Promise<string | null> {
    const id = (await this.account.transfer(transferRef))?.value.customerTransactionId ?? null;
    return id === null ? null : wiseAggregate(id);
  }

  private async transfer(transferRef: string, sourceId: string): Promise<ReadResult | null> {
    const answer = await this.account.transfer(transferRef);
    if (!answer) return null;
    const { value: transfer, at: occurredAt } = answer;
    // What somebody made on Wise's own pages is nobody's of ours, under a name that no payout has.
    const aggregate = wiseAggregate(transfer.customerTransactionId ?? `transfer-${transfer.transferRef}`);
    const { state } = transfer;
    const payload: TransferStatePayload = ENDED.has(state)
      ? { state, settlement: await this.settlement(transfer) }
      : { state };
    const about = { provider: 'wise', objectType: 'transfer', objectId: transfer.transferRef } as const;
    const fact = {
      ...about,
      kind: 'transfer.snapshot',
      aggregate,
      occurredAt,
      sourceId,
      payload,
      before: null,
    } as const;
    return { aggregate, facts: [fact] };
  }

  private async settlement(transfer: WiseTransfer): Promise<NonNullable<TransferStatePayload['settlement']>> {
    const wasFunded = await this.account.wasFunded(transfer.transferRef);
    if (!wasFunded) return { wasFunded, returned: 0 };
    const credited = await this.credited(transfer);
    // It may stand in the statement a moment later: Wise's own word is that all of it was refunded.
    return { wasFunded, returned: credited === 0 && transfer.state !== 'charged_back' ? null : credited };
  }

  /** What has come back of it, by our balance's statement; null where nobody may see that. */
  private async credited({ transferRef, sourceCurrency, createdAt }: WiseTransfer): Promise<number | null> {
    const now = this.clock.now().getTime();
    const from = new Date(Math.max(createdAt.getTime() - DAY_MS, now + DAY_MS - LONGEST_MS));
    try {
      const balance = (await this.account.balances()).find(({ currency }) => currency === sourceCurrency);
      if (!balance) return null;
      const { value: movements } = await this.account.movements(balance, { from, to: new Date(now + DAY_MS) });
      const own = movements.filter((movement) => transferRefOf(movement) === transferRef && movement.amount > 0n);
      return amountToJson(own.reduce((sum, { amount }) => sum + amount, 0n));
    } catch (error) {
      if (isApprovalWanted(error)) return null;
      throw error;
    }
  }

  /** What came from our own bank, or went back to it, about that moment. */
  private async deposits(objectId: string, sourceId: string): Promise<ReadResult | null> {
    const time = timeAbout(objectId);
    if (!time) return null;
    const balance = (await this.account.balances()).find(({ currency }) => currency === time.currency);
    if (!balance) return { aggregate: WISE_HOUSE, facts: [] };
    try {
      const { value: movements, at: occurredAt } = await this.account.movements(balance, time);
      const facts = movements.filter(isDeposit).map((movement): DepositFact => {
        const { amount, currency, at } = movement;
        return {
          ...{ provider: 'wise', objectType: 'deposit', objectId: movement.reference, kind: 'deposit.snapshot' },
          ...{ aggregate: WISE_HOUSE, occurredAt, sourceId, before: null },
          payload: { amount: amountToJson(amount), currency, createdAt: at.toISOString() },
        };
      });
      return { aggregate: WISE_HOUSE, facts };
    } catch (error) {
      if (!isApprovalWanted(error)) throw error;
      const message = "Wise shows our statement only after a person has approved it in Wise's own pages";
      throw unavailable('PROVIDER_APPROVAL_REQUIRED', message, APPROVAL_SECONDS, error);
    }
  }
}

function isApprovalWanted(error: unknown): boolean {
  return isAppError(error) && error.code === 'PROVIDER_APPROVAL_REQUIRED';
}
