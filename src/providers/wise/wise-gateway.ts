import { Injectable } from '@nestjs/common';
import { aggregateOf } from '../../shared/aggregate';
import { isAppError, type AppError } from '../../shared/app-error';
import type { Currency } from '../../shared/currency';
import type { Money } from '../../shared/money';
import type { TransferFundingPayload, TransferState } from '../../shared/transfer-payloads';
import { WiseAccount } from './wise-account';
import { WiseClient, type Answered, type WiseRequest } from './wise-client';
import {
  amountOutOfRange,
  noSuchObject,
  quoteExpired,
  recipientRefused,
  transferNotCancelable,
  unreadable,
  unreadableAnswer,
  unsupportedCorridor,
  type WiseFailure,
} from './wise-errors';
import { moneyToWise } from './wise-money';
import { isUuid, isWiseId } from './wise-shape';
import {
  readBalances,
  readFunding,
  readIsActive,
  readPaymentCount,
  readQuote,
  readRecipientRef,
  readRecipients,
  readRequirements,
  readTransfer,
  type RecipientRequirement,
  type WiseQuote,
  type WiseRecipient,
  type WiseTransfer,
} from './wise-wire';

export interface ToldTransfer {
  transferRef: string;
  customerTransactionId: string;
  state: TransferState;
  quoteRef: string;
  /** The second in which Wise answered, by its own clock. */
  answeredAt: Date;
}

export interface ToldFunding {
  status: TransferFundingPayload['status'];
  /** In Wise's words. */
  errorCode: string | null;
  answeredAt: Date;
}

/** States that only a transfer that was paid for has. */
const PAID_STATES: ReadonlySet<TransferState> = new Set([
  'processing',
  'funds_converted',
  'outgoing_payment_sent',
  'bounced_back',
  'funds_refunded',
  'charged_back',
]);
/** Two days after it has expired, a quote is gone. */
const EXPIRED = /expired|quote\W*not\W*found/i;
const AMOUNT = /amount|greaterThanZero|\blimit/i;
const ROUTE = /route|corridor|currency/i;
/** More of them in one currency nobody has. */
const MAX_PAGES = 1_000;
const PAGE = 20;

/** Lock key of all that one payout is told under. */
export function wiseAggregate(customerTransactionId: string): string {
  return aggregateOf('wise', customerTransactionId);
}

/**
 * What we ask Wise to do. Every method is network, and never inside a transaction. What it throws says whether Wise has done nothing
 * (`business`, `validation`, `conflict`, `not_found`) or whether nobody knows (`provider`, `unavailable`).
 */
@Injectable()
export class WiseGateway {
  constructor(
    private readonly client: WiseClient,
    private readonly account: WiseAccount,
  ) {}

  /** Whether payouts are on in this installation. */
  get isOn(): boolean {
    return this.client.isOn;
  }

  /**
   * The price of paying out an amount from our balance, which Wise keeps for half an hour.
   * @param ask.recipientRef whom it is for; what is asked for without him may cost something else in the end
   * @throws UNSUPPORTED_CORRIDOR, AMOUNT_OUT_OF_RANGE, AMOUNT_TOO_LARGE.
   */
  async quote(ask: { sourceCurrency: Currency; target: Money; recipientRef: string | null }): Promise<WiseQuote> {
    const { sourceCurrency, target, recipientRef } = ask;
    const body = {
      ...{ sourceCurrency, targetCurrency: target.currency, targetAmount: moneyToWise(target) },
      ...(recipientRef !== null && { targetAccount: numberOf(recipientRef, 'recipient') }),
      preferredPayIn: 'BALANCE',
    };
    const path = `/v3/profiles/${this.profile}/quotes`;
    const refusal = (failure: WiseFailure): AppError | null => {
      if (failure.status !== 400 && failure.status !== 422) return null;
      const details = { wiseCodes: failure.codes };
      if (failure.says(AMOUNT)) return amountOutOfRange(details, failure);
      return failure.says(ROUTE) ? unsupportedCorridor(details, failure) : null;
    };
    return (await this.told({ method: 'POST', path, body, repeatable: true }, readQuote, refusal)).value;
  }

  /** What Wise needs to know of a recipient for this quote's route. */
  async requirements(quoteRef: string): Promise<RecipientRequirement[]> {
    const path = `/v1/quotes/${quoteIdOf(quoteRef)}/account-requirements`;
    const headers = { 'accept-minor-version': '1' };
    return (await this.told({ method: 'GET', path, headers, repeatable: true }, readRequirements)).value;
  }

  /** Twice are two of them: after an unknown outcome look among `recipients`. @throws RECIPIENT_REFUSED with `details.fields`. */
  async createRecipient(recipient: {
    currency: Currency;
    type: string;
    name: string;
    details: Record<string, unknown>;
  }): Promise<{ recipientRef: string }> {
    const { currency, type, name: accountHolderName, details } = recipient;
    const body = { currency, type, profile: Number(this.profile), accountHolderName, details };
    const refusal = (failure: WiseFailure): AppError | null =>
      failure.status === 400 || failure.status === 422
        ? recipientRefused(failure.fields([accountHolderName, ...textsIn(details)]), failure)
        : null;
    const request: WiseRequest = { method: 'POST', path: '/v1/accounts', body, repeatable: false };
    return (await this.told(request, readRecipientRef, refusal)).value;
  }

  /** Active recipients of ours there in one currency. */
  async recipients(currency: Currency): Promise<WiseRecipient[]> {
    const query = { profileId: this.profile, currency, active: 'true', size: String(PAGE), sort: 'id,asc' };
    const found = new Map<string, WiseRecipient>();
    let seekPosition: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { items, next } = await this.recipientPage({ ...query, ...(seekPosition !== null && { seekPosition }) });
      const before = found.size;
      for (const item of items) found.set(item.recipientRef, item);
      // Past the end Wise may name a position all the same.
      if (next === null || next === seekPosition || found.size === before) break;
      seekPosition = next;
    }
    return [...found.values()];
  }

  /** Nobody can be paid by it any more; twice is once. */
  async deactivateRecipient(recipientRef: string): Promise<void> {
    const path = `/v2/accounts/${idIn(recipientRef, 'recipient')}`;
    try {
      await this.told({ method: 'DELETE', path, repeatable: true }, () => null);
    } catch (error) {
      // Wise answers 403 for one that is inactive already.
      const { value: isActive } = await this.told({ method: 'GET', path, repeatable: true }, readIsActive);
      if (isActive) throw error;
    }
  }

  /** The same `customerTransactionId` again answers with the transfer that is there. @throws QUOTE_EXPIRED, PROVIDER_REFUSED. */
  async createTransfer(ask: {
    quoteRef: string;
    recipientRef: string;
    customerTransactionId: string;
    reference: string;
  }): Promise<ToldTransfer> {
    const { quoteRef, recipientRef, customerTransactionId, reference } = ask;
    const body = {
      targetAccount: numberOf(recipientRef, 'recipient'),
      quoteUuid: quoteIdOf(quoteRef),
      ...{ customerTransactionId, details: { reference } },
    };
    const refusal = (failure: WiseFailure): AppError | null =>
      [400, 409, 422].includes(failure.status ?? 0) && failure.says(EXPIRED) ? quoteExpired(failure) : null;
    const request: WiseRequest = {
      ...{ method: 'POST', path: '/v1/transfers', body, repeatable: true },
      correlationId: customerTransactionId,
    };
    return toldTransfer(await this.told(request, readOurTransfer, refusal));
  }

  /** Null where Wise has none, or it was not made by us. */
  async transfer(transferRef: string): Promise<ToldTransfer | null> {
    if (!isWiseId(transferRef)) return null;
    try {
      const path = `/v1/transfers/${transferRef}`;
      const answer = await this.told({ method: 'GET', path, repeatable: true }, readTransfer);
      const { customerTransactionId } = answer.value;
      if (customerTransactionId === null) return null;
      return toldTransfer({ value: { ...answer.value, customerTransactionId }, at: answer.at });
    } catch (error) {
      if (isAppError(error) && error.kind === 'not_found') return null;
      throw error;
    }
  }

  /** The one of this key among those made in that time; null where there is none. */
  async findTransfer(customerTransactionId: string, made: { since: Date; until: Date }): Promise<ToldTransfer | null> {
    const ref = await this.account.transferOfKey(customerTransactionId, made);
    return ref === null ? null : this.transfer(ref);
  }

  /** Pays for it from our balance. It is asked once only: after an unknown outcome ask `isFunded` before this again. */
  async fund(transferRef: string): Promise<ToldFunding> {
    const path = `/v3/profiles/${this.profile}/transfers/${idIn(transferRef, 'transfer')}/payments`;
    const request: WiseRequest = { method: 'POST', path, body: { type: 'BALANCE' }, repeatable: false };
    try {
      const { value, at } = await this.told(request, readFunding);
      return { ...value, answeredAt: at };
    } catch (error) {
      if (!isAppError(error) || error.code !== 'PROVIDER_APPROVAL_REQUIRED') throw error;
      return { status: 'authorization_required', errorCode: null, answeredAt: this.client.momentOf(error.cause) };
    }
  }

  /** Whether it has been paid for already, by the list of payments and by its state. */
  async isFunded(transferRef: string): Promise<boolean> {
    const path = `/v1/transfers/${idIn(transferRef, 'transfer')}/payments`;
    const { value: payments } = await this.told({ method: 'GET', path, repeatable: true }, readPaymentCount);
    if (payments > 0) return true;
    const transfer = await this.transfer(transferRef);
    return transfer !== null && PAID_STATES.has(transfer.state);
  }

  /** Twice is once. @throws TRANSFER_NOT_CANCELABLE once funds are converted. */
  async cancel(transferRef: string): Promise<ToldTransfer> {
    const path = `/v1/transfers/${idIn(transferRef, 'transfer')}/cancel`;
    const refusal = (failure: WiseFailure): AppError | null =>
      failure.status === 409 ? transferNotCancelable(failure) : null;
    try {
      return toldTransfer(await this.told({ method: 'PUT', path, repeatable: true }, readOurTransfer, refusal));
    } catch (error) {
      if (!isAppError(error) || error.code !== 'TRANSFER_NOT_CANCELABLE') throw error;
      // The answer to the first of two requests may have been lost.
      const transfer = await this.transfer(transferRef);
      if (transfer?.state !== 'cancelled') throw error;
      return transfer;
    }
  }

  /** What may be spent of our balance; null where we have none in that currency. */
  async balance(currency: Currency): Promise<Money | null> {
    const path = `/v4/profiles/${this.profile}/balances`;
    const query = { types: 'STANDARD' };
    const { value: balances } = await this.told({ method: 'GET', path, query, repeatable: true }, readBalances);
    return balances.find((balance) => balance.currency === currency)?.available ?? null;
  }

  private get profile(): string {
    return this.client.profileId;
  }

  private async recipientPage(query: Record<string, string>): Promise<{ items: WiseRecipient[]; next: string | null }> {
    return (await this.told({ method: 'GET', path: '/v2/accounts', query, repeatable: true }, readRecipients)).value;
  }

  /** As the client's, but an answer that cannot be read says nothing of what Wise has done. */
  private async told<T>(
    request: WiseRequest,
    read: (body: unknown) => T,
    refusal?: (failure: WiseFailure) => AppError | null,
  ): Promise<Answered<T>> {
    try {
      return await this.client.call(request, read, refusal);
    } catch (error) {
      throw isAppError(error) && error.code === 'SCHEMA_VALIDATION' ? unreadableAnswer(error) : error;
    }
  }
}

type OurTransfer = WiseTransfer & { customerTransactionId: string };

function readOurTransfer(body: unknown): OurTransfer {
  const transfer = readTransfer(body);
  const { customerTransactionId } = transfer;
  if (customerTransactionId === null) throw unreadable('transfer');
  return { ...transfer, customerTransactionId };
}

function toldTransfer({ value, at }: Answered<OurTransfer>): ToldTransfer {
  const { transferRef, customerTransactionId, state, quoteRef } = value;
  return { transferRef, customerTransactionId, state, quoteRef, answeredAt: at };
}

/** @throws PROVIDER_OBJECT_NOT_FOUND for what can be nobody's id: it becomes part of a path. */
function idIn(ref: string, what: string): string {
  if (!isWiseId(ref)) throw noSuchObject(what);
  return ref;
}

function numberOf(ref: string, what: string): number {
  return Number(idIn(ref, what));
}

function quoteIdOf(quoteRef: string): string {
  if (!isUuid(quoteRef)) throw noSuchObject('quote');
  return quoteRef;
}

/** Every text in it, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
