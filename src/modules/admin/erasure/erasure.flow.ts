import { Injectable, type OnModuleInit } from '@nestjs/common';
import { aggregateOf } from '../../../shared/aggregate';
import type { Provider } from '../../../shared/facts';
import { Clock } from '../../../shared/clock';
import { AuditLog, type Actor } from '../../../platform/audit';
import { lockAggregate, Snapshots, UnitOfWork, type Tx } from '../../../platform/database';
import { ErasedBodies } from '../../../platform/inbox';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../../platform/intents';
import { stripeAggregate, StripeErasureGateway } from '../../../providers/stripe';
import { customerNotFound } from '../customers/customers.errors';
import { customerBusy, disputeOpen, invoiceOpen, payoutOpen, subscriptionRunning } from './erasure.errors';
import { ERASURE, ErasureRepository, type ErasableCustomer } from './erasure.repository';
import { PersonalDataRepository, type SearchResult } from './personal-data.repository';

export interface Erasure {
  customerId: string;
  erasedAt: Date;
  /** Bodies of his events that were let go. */
  bodies: number;
  /** Events of his that are on their way and still have theirs; they lose them within a minute of being handled. */
  pending: number;
  /** What is left of him in the database; nothing, where all went well. */
  search: SearchResult;
}

/**
 * Erases a person (GDPR, Article 17) and proves it. What must be kept keeps its figures and our own ids: nothing leads from
 * them back to him. Stripe first: whatever breaks behind that call, the intent's commit erases him here too.
 */
@Injectable()
export class ErasureFlow implements IntentHandler, OnModuleInit {
  readonly kind = ERASURE;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly snapshots: Snapshots,
    private readonly intents: Intents,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    private readonly stripe: StripeErasureGateway,
    private readonly bodies: ErasedBodies,
    private readonly rows: ErasureRepository,
    private readonly personalData: PersonalDataRepository,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /**
   * Safe to repeat: what came in of him since is erased too.
   * @param also words to look for in the end besides his e-mail, his user id and what Stripe knows: a second time these are
   * all there is, for nobody knows the others any more.
   * @throws CUSTOMER_NOT_FOUND, CUSTOMER_HAS_SUBSCRIPTION, CUSTOMER_OWES, CUSTOMER_IN_DISPUTE, CUSTOMER_IS_PAID, CUSTOMER_BUSY, TRY_LATER
   */
  async erase(customerId: string, also: readonly string[], actor: Actor): Promise<Erasure> {
    // Taken first: once he is erased, nobody knows any more what to look for.
    const snapshot = await this.snapshots.take();
    try {
      const customer = await this.unitOfWork.service((tx) => this.erasable(tx, customerId));
      const refs = customer.accounts.flatMap(({ provider, providerId }) => (provider === 'stripe' ? [providerId] : []));
      const words = [...also, ...(await this.wordsOf(customer, refs))];
      for (const ref of refs) await this.deleteAtStripe(customerId, ref, actor);
      const erasedAt = await this.unitOfWork.service(async (tx) => {
        const at = await this.eraseHere(tx, customerId);
        const object = { objectType: 'customer', objectId: customerId, customerId };
        await this.audit.record(tx, { actor, action: ERASURE, ...object, after: { accounts: refs.length } });
        return at;
      });
      const bodies = await this.bodies.eraseAll(aggregatesOf(customer));
      const pending = await this.personalData.pending(snapshot, customerId);
      return { customerId, erasedAt, bodies, pending, search: await this.personalData.search(snapshot, words) };
    } finally {
      await snapshot.close();
    }
  }

  async call(intent: Intent): Promise<ProviderOutcome> {
    const ref = refOf(intent);
    await this.stripe.delete(ref);
    return { providerId: ref, outcome: {} };
  }

  async find(intent: Intent): Promise<ProviderOutcome | null> {
    const ref = refOf(intent);
    return (await this.stripe.isDeleted(ref)) ? { providerId: ref, outcome: {} } : null;
  }

  /** @throws TRY_AGAIN while a worker holds the aggregate. */
  async commit(tx: Tx, intent: Intent, { providerId }: ProviderOutcome): Promise<void> {
    await lockAggregate(tx, stripeAggregate(providerId));
    await this.eraseHere(tx, customerOf(intent));
  }

  private async deleteAtStripe(customerId: string, ref: string, actor: Actor): Promise<void> {
    const spec = {
      provider: 'stripe',
      kind: ERASURE,
      customerId,
      dedupeKey: `${ERASURE}:stripe:${ref}`,
      reopen: true,
    } as const;
    await this.intents.run({ ...spec, params: { customerRef: ref } }, actor, async (tx) => {
      await this.erasable(tx, customerId);
    });
  }

  private async erasable(tx: Tx, customerId: string): Promise<ErasableCustomer> {
    const customer = await this.rows.lock(tx, customerId);
    if (!customer) throw customerNotFound(customerId);
    if (customer.erasedAt !== null) return customer;
    const { subscriptionId, invoiceId, disputeId, payoutId, underWay } = await this.rows.obstacles(tx, customerId);
    if (subscriptionId !== null) throw subscriptionRunning(subscriptionId);
    if (invoiceId !== null) throw invoiceOpen(invoiceId);
    if (disputeId !== null) throw disputeOpen(disputeId);
    if (payoutId !== null) throw payoutOpen(payoutId);
    if (underWay) throw customerBusy();
    return customer;
  }

  private async wordsOf({ email, userId, erasedAt }: ErasableCustomer, refs: readonly string[]): Promise<string[]> {
    const atStripe = await Promise.all(refs.map((ref) => this.stripe.wordsOf(ref)));
    return [...(email === null ? [] : [email]), ...(erasedAt === null ? [userId] : []), ...atStripe.flat()];
  }

  private async eraseHere(tx: Tx, customerId: string): Promise<Date> {
    const customer = await this.rows.lock(tx, customerId);
    if (!customer) throw customerNotFound(customerId);
    const at = customer.erasedAt ?? this.clock.wall();
    if (customer.erasedAt === null) {
      await this.rows.pseudonymise(tx, customerId, at);
      await this.rows.eraseRows(tx, customerId, customer.userId);
    }
    // An account may have been linked to him since.
    await this.bodies.mark(tx, customerId, aggregatesOf(customer), at);
    return at;
  }
}

function aggregatesOf({ accounts }: ErasableCustomer): string[] {
  return accounts.map(({ provider, providerId }) => aggregateOf(provider as Provider, providerId));
}

function refOf({ id, params }: Intent): string {
  const { customerRef } = params;
  if (typeof customerRef !== 'string') throw new Error(`Intent ${id} names no customer at Stripe`);
  return customerRef;
}
