import { createHash, generateKeyPairSync } from 'node:crypto';
import { SeededRandom } from '../control/random';
import { notFound } from './api-error';
import {
  WiseSandboxError,
  type AccountRecord,
  type BalanceRecord,
  type MovementRecord,
  type QuoteRecord,
  type SubscriptionRecord,
  type TransferRecord,
  type WiseEvent,
  type WiseIdentity,
  type WisePolicy,
  type WiseState,
} from './state';

export const CALM: WisePolicy = {
  ...{ strongAuthentication: false, statementAuthentication: false, rejectFunding: null },
  ...{ quoteLifeSeconds: 1800, ratesMove: 0, progresses: true },
};
const PROFILE = 30_000_001;
const FIRST_ID = 50_000_000;

/** Everything Wise knows of our profile, and the key it signs with. */
export class WiseBook {
  readonly profileId: number;
  /** Of the person whose token it is. */
  readonly userId = 10_000_001;
  readonly token: string;
  readonly policy: WisePolicy;
  readonly balances = new Map<number, BalanceRecord>();
  readonly movements: MovementRecord[];
  readonly quotes = new Map<string, QuoteRecord>();
  readonly accounts = new Map<number, AccountRecord>();
  readonly transfers = new Map<number, TransferRecord>();
  readonly subscriptions = new Map<string, SubscriptionRecord>();
  readonly events = new Map<string, WiseEvent>();
  readonly random: SeededRandom;
  private made: string | null;
  private next: number;
  private latest: number;

  constructor(seed: number, known?: WiseIdentity, state?: WiseState) {
    const identity = state ?? known;
    this.random = new SeededRandom(state?.random ?? seed + 6);
    this.profileId = identity?.profileId ?? PROFILE;
    this.token = identity?.token ?? this.newUuid();
    this.made = identity?.key ?? null;
    this.next = state?.nextId ?? FIRST_ID;
    this.latest = state?.latest ?? 0;
    this.policy = { ...CALM, ...state?.policy };
    this.movements = [...(state?.movements ?? [])];
    for (const one of identity?.subscriptions ?? []) this.subscriptions.set(one.id, one);
    for (const one of state?.balances ?? []) this.balances.set(one.id, one);
    for (const one of state?.quotes ?? []) this.quotes.set(one.id, one);
    for (const one of state?.accounts ?? []) this.accounts.set(one.id, one);
    for (const one of state?.transfers ?? []) this.transfers.set(one.id, one);
    for (const one of state?.events ?? []) this.events.set(one.id, one);
  }

  /** What webhooks are signed with, as PEM. */
  get key(): string {
    this.made ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString();
    return this.made;
  }

  get identity(): WiseIdentity {
    const { profileId, token, made, subscriptions } = this;
    return { profileId, token, key: made, subscriptions: [...subscriptions.values()] };
  }

  save(): Omit<WiseState, 'deliveries'> {
    return {
      ...this.identity,
      ...{ random: this.random.save(), latest: this.latest, nextId: this.next, policy: this.policy },
      balances: [...this.balances.values()],
      movements: this.movements,
      quotes: [...this.quotes.values()],
      accounts: [...this.accounts.values()],
      transfers: [...this.transfers.values()],
      events: [...this.events.values()],
    };
  }

  /** The moment something happens: never one that something else has happened at, for the clock may stand. */
  tick(at: number): number {
    this.latest = Math.max(at, this.latest + 1);
    return this.latest;
  }

  nextId(): number {
    this.next += 1 + Math.floor(this.random.next() * 7);
    return this.next;
  }

  newUuid(): string {
    return uuidOf(this.random.token(32));
  }

  /** @throws WiseApiError (404) */
  quote(id: string): QuoteRecord {
    const quote = this.quotes.get(id);
    if (!quote) throw notFound(`Quote ${id} was not found`);
    return quote;
  }

  /** @throws WiseApiError (404) */
  account(id: number): AccountRecord {
    const account = this.accounts.get(id);
    if (!account) throw notFound('Recipient account was not found');
    return account;
  }

  /** @throws WiseApiError (404) */
  transfer(id: number): TransferRecord {
    const transfer = this.transfers.get(id);
    if (!transfer) throw notFound('Transfer was not found');
    return transfer;
  }

  /** @throws WiseApiError (404) */
  balance(id: number): BalanceRecord {
    const balance = this.balances.get(id);
    if (!balance) throw notFound('Balance was not found');
    return balance;
  }

  balanceIn(currency: string): BalanceRecord | undefined {
    return [...this.balances.values()].find((one) => one.currency === currency);
  }

  /** @throws WiseSandboxError */
  movement(id: number): MovementRecord {
    const movement = this.movements.find((one) => one.id === id);
    if (!movement) throw new WiseSandboxError(`there is no movement ${id}`, 404);
    return movement;
  }
}

/** A UUID that is always the same for the same text. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
