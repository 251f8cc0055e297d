import { forbidden, problems, refused } from './api-error';
import type { Balances } from './balances';
import type { WiseBook } from './book';
import { balanceOption, isExpired, spent } from './quotes';
import { payable } from './recipients';
import { WiseSandboxError, type QuoteRecord, type Tell, type TransferRecord, type TransferState } from './state';

export interface TransferInput {
  readonly targetAccount: number;
  readonly quoteUuid: string;
  readonly customerTransactionId: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** What somebody wants to happen with a move; left out: as Wise does it. */
export interface MoveTerms {
  /** Minor units of what was paid that come back; all of it. */
  readonly returned?: number;
  /** Why a payout failed, in Wise's words. */
  readonly reason?: string;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const UNPAID_MS = 14 * DAY;
const CONVERSION_MS = 10 * MINUTE;
const PAYOUT_MS = 60 * MINUTE;
const SWIFT_MS = DAY;
const REFUND_MS = MINUTE;
/** Characters that reach the recipient, by the kind of account. */
const REFERENCE: Readonly<Record<string, number>> = { aba: 10, sort_code: 18, canadian: 15, australian: 18, iban: 140 };
const REFERENCE_ELSEWHERE = 35;

/** Where a transfer may go; Wise takes it back as well. */
export const MOVES: Readonly<Record<TransferState, readonly TransferState[]>> = {
  incoming_payment_waiting: ['processing', 'cancelled'],
  processing: ['funds_converted', 'cancelled', 'funds_refunded', 'charged_back'],
  funds_converted: ['outgoing_payment_sent', 'processing', 'cancelled', 'funds_refunded', 'charged_back'],
  outgoing_payment_sent: ['bounced_back', 'funds_converted', 'processing', 'charged_back'],
  bounced_back: [
    'outgoing_payment_sent',
    'funds_converted',
    'processing',
    'cancelled',
    'funds_refunded',
    'charged_back',
  ],
  cancelled: ['funds_refunded'],
  funds_refunded: [],
  charged_back: [],
};
const ENDS: readonly TransferState[] = ['cancelled', 'funds_refunded', 'charged_back'];
const CANCELABLE: readonly TransferState[] = ['incoming_payment_waiting', 'processing'];

export function referenceLimit(type: string): number {
  return REFERENCE[type] ?? REFERENCE_ELSEWHERE;
}

/** What becomes of transfers, and of the money in them. */
export class Transfers {
  constructor(
    private readonly book: WiseBook,
    private readonly balances: Balances,
    private readonly tell: Tell,
  ) {}

  /** The same `customerTransactionId` with the same content is the same transfer. @throws WiseApiError */
  create(input: TransferInput, now: number): TransferRecord {
    const { targetAccount, quoteUuid, customerTransactionId, details = {} } = input;
    const id = customerTransactionId.toLowerCase();
    const known = [...this.book.transfers.values()].find((one) => one.customerTransactionId === id);
    if (known) {
      if (isSame(known, input)) return known;
      const message = 'Another transfer has this customerTransactionId already.';
      throw problems(409, { code: 'NOT_UNIQUE', message, path: 'customerTransactionId' });
    }
    const quote = this.book.quotes.get(quoteUuid.toLowerCase());
    if (!quote) throw refused('error.quote.not.found', 'The quote does not exist.', 'quoteUuid');
    if (quote.transferId !== null || isExpired(quote, now)) throw spent(quote);
    const account = payable(this.book, targetAccount, quote.target);
    const most = referenceLimit(account.type);
    if ((details['reference'] ?? '').length > most) {
      throw refused('TOO_LARGE', `The reference has at most ${most} characters.`, 'reference');
    }
    const at = this.book.tick(now);
    const transfer: TransferRecord = {
      ...{
        id: this.book.nextId(),
        quoteId: quote.id,
        targetAccount,
        customerTransactionId: id,
        details,
        createdAt: at,
      },
      ...{ state: 'incoming_payment_waiting', since: now, payment: null, returned: null, history: [] },
    };
    quote.transferId = transfer.id;
    this.book.transfers.set(transfer.id, transfer);
    transfer.history.push({ state: transfer.state, at });
    this.tellState(transfer, null, at);
    return transfer;
  }

  /** @returns why it is not paid for, or null: it is. @throws WiseApiError (403) where a person has to approve it. */
  fund(transfer: TransferRecord, type: string, now: number): string | null {
    const { strongAuthentication, rejectFunding } = this.book.policy;
    if (strongAuthentication) throw approval(this.book.newUuid(), now);
    if (transfer.payment) return 'payment.exists';
    if (type !== 'BALANCE') return 'balance.payment-option-unavailable';
    if (transfer.state !== 'incoming_payment_waiting') return 'transfer.invalid_state';
    return rejectFunding ?? this.pay(transfer, now);
  }

  /** What a person does on Wise's own pages. @throws WiseSandboxError */
  fundByHand(transfer: TransferRecord, now: number): void {
    if (transfer.payment || transfer.state !== 'incoming_payment_waiting') {
      throw new WiseSandboxError(`transfer ${transfer.id} is not waiting for a payment`, 409);
    }
    const problem = this.pay(transfer, now);
    if (problem !== null) throw new WiseSandboxError(`transfer ${transfer.id} cannot be paid: ${problem}`, 409);
  }

  /** @throws WiseApiError (409) once the money is converted. */
  cancel(transfer: TransferRecord, now: number): void {
    if (!CANCELABLE.includes(transfer.state)) {
      const message = 'Transfer cannot be cancelled';
      throw problems(409, { code: 'transfer.cancellation.not.allowed', message });
    }
    this.move(transfer, 'cancelled', now);
  }

  /** @throws WiseSandboxError for a step that Wise does not take. */
  move(transfer: TransferRecord, state: TransferState, now: number, terms: MoveTerms = {}): void {
    const { id, state: previous, payment } = transfer;
    const unpaid = payment === null && state !== 'cancelled';
    if (!MOVES[previous].includes(state) || unpaid) {
      const why = unpaid ? ', and nobody has paid for it' : '';
      throw new WiseSandboxError(`transfer ${id} is ${previous}${why}: it cannot become ${state}`, 409);
    }
    if (ENDS.includes(state)) this.giveBack(transfer, now, terms.returned);
    else if (terms.returned !== undefined) throw new WiseSandboxError('only the end of a transfer returns money');
    if (state === 'bounced_back')
      this.tellFailure(transfer, terms.reason ?? 'WRONG_ACCOUNT_NUMBER', this.book.tick(now));
    const at = this.book.tick(now);
    Object.assign(transfer, { state, since: now });
    transfer.history.push({ state, at });
    this.tellState(transfer, previous, at);
  }

  /** When it goes on by itself; null: it does not. */
  dueAt({ state, since, payment, quoteId }: TransferRecord): number | null {
    if (payment === null) return state === 'incoming_payment_waiting' ? since + UNPAID_MS : null;
    if (!this.book.policy.progresses) return null;
    if (state === 'processing') return since + CONVERSION_MS;
    if (state === 'cancelled') return since + REFUND_MS;
    if (state !== 'funds_converted') return null;
    return since + (this.quoteOf(quoteId).payOut === 'BANK_TRANSFER' ? PAYOUT_MS : SWIFT_MS);
  }

  /** Takes the step that was due. */
  runDue(transfer: TransferRecord, at: number): void {
    const next: Partial<Record<TransferState, TransferState>> = {
      incoming_payment_waiting: 'cancelled',
      processing: 'funds_converted',
      funds_converted: 'outgoing_payment_sent',
      cancelled: 'funds_refunded',
    };
    const state = next[transfer.state];
    if (state) this.move(transfer, state, at);
  }

  private quoteOf(id: string): QuoteRecord {
    return this.book.quote(id);
  }

  private pay(transfer: TransferRecord, now: number): string | null {
    const quote = this.quoteOf(transfer.quoteId);
    const { sourceAmount, fee } = balanceOption(quote);
    const balance = this.book.balanceIn(quote.source);
    if (!balance || balance.amount < sourceAmount) return 'transfer.insufficient_funds';
    const at = this.book.tick(now);
    const reference = `TRANSFER-${transfer.id}`;
    this.balances.book(
      balance,
      { kind: 'transfer', amount: -sourceAmount, fee, reference, transferId: transfer.id },
      at,
    );
    transfer.payment = { id: this.book.nextId(), at, amount: sourceAmount, currency: quote.source };
    quote.funded = true;
    this.move(transfer, 'processing', now);
    return null;
  }

  private giveBack(transfer: TransferRecord, now: number, wanted: number | undefined): void {
    const { payment, id } = transfer;
    if (payment === null || transfer.returned !== null) {
      if (wanted === undefined) return;
      throw new WiseSandboxError(`nothing of transfer ${id} is left to return`, 409);
    }
    const amount = wanted ?? payment.amount;
    if (amount > payment.amount) throw new WiseSandboxError(`of transfer ${id} only ${payment.amount} was paid`);
    transfer.returned = amount;
    if (amount === 0) return;
    const balance = this.balances.open(payment.currency, now);
    const movement = { kind: 'refund', amount, fee: 0, reference: `TRANSFER-${id}`, transferId: id } as const;
    this.balances.book(balance, movement, this.book.tick(now));
  }

  private tellState({ id, targetAccount, state }: TransferRecord, previous: TransferState | null, at: number): void {
    const resource = { type: 'transfer', id, profile_id: this.book.profileId, account_id: targetAccount };
    const data = { resource, current_state: state, previous_state: previous, occurred_at: new Date(at).toISOString() };
    this.tell('transfers#state-change', data, at);
  }

  private tellFailure({ id }: TransferRecord, reason: string, at: number): void {
    const data = {
      ...{ transfer_id: id, profile_id: this.book.profileId, failure_reason_code: reason },
      failure_description: `The payout failed: ${reason.toLowerCase().replaceAll('_', ' ')}`,
      occurred_at: new Date(at).toISOString(),
    };
    this.tell('transfers#payout-failure', data, at);
  }
}

/** 403 with a token that only a person's approval makes worth something. */
export function approval(token: string, now: number): Error {
  return forbidden(new Date(now).toISOString(), { 'x-2fa-approval': token, 'x-2fa-approval-result': 'REJECTED' });
}

function isSame(known: TransferRecord, { targetAccount, quoteUuid, details = {} }: TransferInput): boolean {
  const sorted = (one: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(one).sort());
  return (
    known.targetAccount === targetAccount &&
    known.quoteId === quoteUuid.toLowerCase() &&
    sorted(known.details) === sorted(details)
  );
}
