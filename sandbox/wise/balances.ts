import type { WiseBook } from './book';
import { isHeld, toMajor } from './currencies';
import { WiseSandboxError, type BalanceRecord, type MovementRecord, type Tell } from './state';

type Posting = Pick<MovementRecord, 'kind' | 'amount' | 'fee' | 'reference' | 'transferId'>;

/** What our profile holds, and every movement on it. Amounts are minor units. */
export class Balances {
  constructor(
    private readonly ledger: WiseBook,
    private readonly tell: Tell,
  ) {}

  /** The balance in a currency, a new one where there is none. @throws WiseSandboxError where Wise holds none. */
  open(currency: string, now: number): BalanceRecord {
    const known = this.ledger.balanceIn(currency);
    if (known) return known;
    if (!isHeld(currency)) throw new WiseSandboxError(`Wise has no balances in ${currency}`);
    const balance: BalanceRecord = { id: this.ledger.nextId(), currency, amount: 0, createdAt: now, modifiedAt: now };
    this.ledger.balances.set(balance.id, balance);
    return balance;
  }

  /** Money comes from our own bank, or (negative) goes back to it. @throws WiseSandboxError for more than there is. */
  topUp(balance: BalanceRecord, amount: number, now: number): MovementRecord {
    if (amount === 0) throw new WiseSandboxError('no money is no movement');
    if (balance.amount + amount < 0) throw new WiseSandboxError(`there are only ${balance.amount} left`, 409);
    const kind = amount > 0 ? 'deposit' : 'withdrawal';
    const reference = `TRANSFER-${this.ledger.nextId()}`;
    return this.book(balance, { kind, amount, fee: 0, reference, transferId: null }, this.ledger.tick(now));
  }

  /** Wise takes something for itself that no transfer is the reason of. */
  charge(balance: BalanceRecord, amount: number, now: number): MovementRecord {
    if (amount < 1 || balance.amount < amount) throw new WiseSandboxError(`there are only ${balance.amount} left`, 409);
    const reference = `BALANCE-${this.ledger.nextId()}`;
    return this.book(
      balance,
      { kind: 'charge', amount: -amount, fee: 0, reference, transferId: null },
      this.ledger.tick(now),
    );
  }

  book(balance: BalanceRecord, posting: Posting, at: number): MovementRecord {
    balance.amount += posting.amount;
    balance.modifiedAt = at;
    const { id: balanceId, currency, amount: balanceAfter } = balance;
    const movement = { ...posting, id: this.ledger.nextId(), balanceId, currency, at, balanceAfter };
    this.ledger.movements.push(movement);
    this.tell('balances#update', this.toldOf(movement), at);
    return movement;
  }

  private toldOf({
    id,
    balanceId,
    amount,
    currency,
    at,
    balanceAfter,
    reference,
  }: MovementRecord): Record<string, unknown> {
    return {
      // The account that holds all balances has a number of its own.
      resource: { id: this.ledger.profileId + 1, profile_id: this.ledger.profileId, type: 'balance-account' },
      ...{ amount: toMajor(Math.abs(amount), currency), balance_id: balanceId, channel_name: 'TRANSFER', currency },
      ...{ occurred_at: new Date(at).toISOString(), step_id: id, transfer_reference: reference },
      post_transaction_balance_amount: toMajor(balanceAfter, currency),
      transaction_type: amount > 0 ? 'credit' : 'debit',
    };
  }
}
