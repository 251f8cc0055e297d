import { Injectable } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import type { Fact, FactObjectType } from '../../shared/facts';
import type { ReadResult } from '../provider.port';
import { AppleClient } from './apple-client';
import { noTransaction } from './apple-errors';
import {
  appleAggregate,
  moneyFacts,
  ownerOf,
  refundFacts,
  subscriptionFact,
  type SubscriptionTold,
} from './apple-facts';
import { AppleVerifier } from './apple-verifier';
import type { AppleEnvironment, AppleTransaction } from './apple-wire';

/** Of twenty transactions: more than two years of weekly renewals. */
const MAX_PAGES = 10;
const TRANSACTION_ID = /^\d{1,32}$/;

/**
 * Asks the App Store Server API, and verifies what it answers as if it had come from anywhere. Readings are told at the moment
 * Apple signed them: its clock, to the millisecond, which also dates its notifications.
 */
@Injectable()
export class AppleReader {
  constructor(
    private readonly client: AppleClient,
    private readonly verifier: AppleVerifier,
  ) {}

  /** Null where Apple has no such object. @throws what the failure of Apple's is called. */
  async read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    if (objectType === 'subscription') return this.readSubscription(objectId, sourceId);
    const transaction = await this.transaction(objectId);
    return transaction && transactionReading(transaction, sourceId, objectType === 'refund');
  }

  /** The customer of ours a purchase was made for; null where it does not say, or there is no such purchase. */
  async ownerOf(originalTransactionId: string): Promise<string | null> {
    const transaction = await this.transaction(originalTransactionId);
    return transaction && ownerOf(transaction);
  }

  /** As Apple has it now; null where no environment that counts knows it. */
  async transaction(transactionId: string): Promise<AppleTransaction | null> {
    const found = await this.inAny(transactionId, (environment) => this.client.transaction(environment, transactionId));
    if (found === null) return null;
    if (found.answer === undefined) throw noTransaction();
    return this.verifier.transaction(found.answer);
  }

  /**
   * All that the customer behind a transaction ever bought here, oldest first, as Apple has it now; empty where no
   * environment that counts knows it. @throws as `transaction`.
   */
  async history(transactionId: string): Promise<AppleTransaction[]> {
    const found = await this.inAny(transactionId, (environment) => this.signedHistory(environment, transactionId));
    const all: AppleTransaction[] = [];
    for (const signed of found?.answer ?? []) all.push(await this.verifier.transaction(signed));
    return all;
  }

  /** A subscription as it stands, with its latest transaction; null where there is none. */
  async subscription(originalTransactionId: string): Promise<SubscriptionTold | null> {
    const found = await this.inAny(originalTransactionId, (environment) =>
      this.client.statuses(environment, originalTransactionId),
    );
    const items = found?.answer.data?.flatMap(({ lastTransactions }) => lastTransactions ?? []) ?? [];
    const item = items.find((one) => one.originalTransactionId === originalTransactionId);
    if (!item) return null;
    const { signedTransactionInfo, signedRenewalInfo, status } = item;
    if (signedTransactionInfo === undefined || status === undefined) throw noTransaction();
    return {
      transaction: await this.verifier.transaction(signedTransactionInfo),
      renewal: signedRenewalInfo === undefined ? null : await this.verifier.renewal(signedRenewalInfo),
      status,
    };
  }

  private async readSubscription(originalTransactionId: string, sourceId: string): Promise<ReadResult | null> {
    const told = await this.subscription(originalTransactionId);
    return told && subscriptionReading(told, sourceId);
  }

  private async signedHistory(environment: AppleEnvironment, transactionId: string): Promise<string[]> {
    const signed: string[] = [];
    let revision: string | null = null;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await this.client.history(environment, transactionId, revision);
      signed.push(...(answer.signedTransactions ?? []));
      if (answer.hasMore !== true || answer.revision === undefined) break;
      revision = answer.revision;
    }
    return signed;
  }

  /** Apple's environments know nothing of each other; a reviewer's purchase is in the sandbox. */
  private async inAny<T>(
    id: string,
    ask: (environment: AppleEnvironment) => Promise<T>,
  ): Promise<{ answer: T } | null> {
    // Callers may name anything, and it becomes part of a path.
    if (!TRANSACTION_ID.test(id)) return null;
    for (const environment of this.client.environments) {
      try {
        return { answer: await ask(environment) };
      } catch (error) {
        if (!isAppError(error) || error.kind !== 'not_found') throw error;
      }
    }
    return null;
  }
}

/**
 * Pure: the money of one transaction that was read. @param ofRefund who asks for the refund itself wants to know, too, that there is
 * none any more.
 */
export function transactionReading(transaction: AppleTransaction, sourceId: string, ofRefund = false): ReadResult {
  const said = saidBy(transaction, sourceId);
  const back = ofRefund ? refundFacts(transaction, 'refund.snapshot', said) : backOf(transaction, said);
  const facts = [...moneyFacts(transaction, said, true), ...back];
  return { aggregate: appleAggregate(transaction.originalTransactionId), facts };
}

/** Pure: a subscription that was read, with the money of its latest transaction. */
export function subscriptionReading(told: SubscriptionTold, sourceId: string): ReadResult {
  const { transaction, renewal } = told;
  const newest = Math.max(transaction.signedDate, renewal?.signedDate ?? 0);
  const said = { occurredAt: new Date(newest), sourceId };
  const facts = [
    subscriptionFact(told, 'subscription.snapshot', said),
    ...moneyFacts(transaction, said, true),
    ...backOf(transaction, said),
  ];
  return { aggregate: appleAggregate(transaction.originalTransactionId), facts };
}

function saidBy({ signedDate }: AppleTransaction, sourceId: string): { occurredAt: Date; sourceId: string } {
  return { occurredAt: new Date(signedDate), sourceId };
}

/** What was given back of it. That nothing is any more, is told by the notification that takes a refund back. */
function backOf(transaction: AppleTransaction, said: { occurredAt: Date; sourceId: string }): Fact[] {
  if (transaction.revocationDate === undefined) return [];
  return refundFacts(transaction, 'refund.snapshot', said);
}
