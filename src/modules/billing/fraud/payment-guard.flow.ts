import { Injectable, Logger } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Clock } from '../../../shared/clock';
import { isAppError } from '../../../shared/app-error';
import { Alerts } from '../../../platform/alerts';
import type { Actor } from '../../../platform/audit';
import { isDatabaseUnavailable, UnitOfWork, type Tx } from '../../../platform/database';
import { OriginContext } from '../../../platform/http';
import { Metrics } from '../../../platform/metrics';
import { Outbox } from '../../../platform/outbox';
import { StripeCardGateway, type ChargedCard } from '../../../providers/stripe';
import { CustomersService } from '../../customers';
import { dedupeKeyOf } from '../purchase.service';
import { evaluate, type Outcome, type Verdict } from './domain/evaluate';
import { needsCard, type FraudRule } from './domain/rule';
import {
  FraudDecisionsRepository,
  type AttemptEnd,
  type FraudDecision,
  type NewDecision,
  type PaymentAction,
} from './fraud-decisions.repository';
import { FraudObserver, UnansweredRuleError, type ObservedAttempt } from './fraud-observer.service';
import { reviewEvents } from './fraud-review';
import { paymentBlocked } from './fraud.errors';
import { FraudRulesRepository } from './fraud-rules.repository';
import { FraudSignalsRepository } from './fraud-signals.repository';
import { Pseudonyms, type Pseudonym } from './pseudonyms.service';

/** A request that may charge, or save, a card. */
export interface PaymentOrder {
  action: PaymentAction;
  customerId: string;
  /** The method the request names; null: what is charged without a word. */
  methodRef: string | null;
  subscriptionRef: string | null;
  /** Minor units, before discounts and tax; null where nothing is charged. */
  amount: bigint | null;
  currency: string | null;
  actor: Actor;
}

/** What was found out before anything is decided. */
interface Inquiry {
  key: string;
  known: FraudDecision | null;
  rules: readonly FraudRule[];
  card: ChargedCard;
  /** Whether the card could not be read although a rule asks for it. */
  degraded: boolean;
}

const NO_CARD: ChargedCard = { fingerprint: null, country: null, billingCountry: null };

/**
 * Stands before every payment attempt: lets it through, lets it through and asks a person to look, or blocks it. What it
 * decided is on record before the provider is called, and what became of the attempt after. Should it fail itself, the
 * attempt goes on (docs/decisions/0016).
 */
@Injectable()
export class PaymentGuard {
  private readonly logger = new Logger(PaymentGuard.name);
  private readonly decided: Counter<'outcome' | 'degraded'>;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: FraudRulesRepository,
    private readonly observer: FraudObserver,
    private readonly signals: FraudSignalsRepository,
    private readonly decisions: FraudDecisionsRepository,
    private readonly pseudonyms: Pseudonyms,
    private readonly cards: StripeCardGateway,
    private readonly customers: CustomersService,
    private readonly outbox: Outbox,
    private readonly alerts: Alerts,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.decided = metrics.counter({
      name: 'kassa_payment_decisions_total',
      help: 'Payment attempts by what the fraud rules made of them; degraded: not all could be found out',
      labelNames: ['outcome', 'degraded'],
    });
  }

  /** Carries the attempt out where the rules let it. @throws PAYMENT_BLOCKED, and what `work` throws. */
  async attempt<T>(order: PaymentOrder, work: () => Promise<T>): Promise<T> {
    const decision = await this.decide(order);
    if (decision?.outcome === 'block') throw paymentBlocked();
    try {
      const result = await work();
      await this.settle(decision, { outcome: 'succeeded', declineCode: null });
      return result;
    } catch (error) {
      await this.settle(decision, { outcome: 'failed', declineCode: declineCodeOf(error) });
      throw error;
    }
  }

  /** Null where not even the failure to decide could be recorded. @throws where the database is away. */
  private async decide(order: PaymentOrder): Promise<FraudDecision | null> {
    const key = dedupeKeyOf(`fraud.${order.action}`);
    try {
      const inquiry = await this.inquire(order, key);
      if (inquiry.known) return inquiry.known;
      const decision = await this.unitOfWork.service((tx) => this.judge(tx, order, inquiry));
      if (decision.outcome === 'review') this.outbox.wake();
      this.decided.inc({ outcome: decision.outcome, degraded: String(decision.degraded) });
      return decision;
    } catch (error) {
      // Without a connection nothing else goes on either; and a crowd that uses them all up must not open the door so.
      if (isDatabaseUnavailable(error) && !(error instanceof UnansweredRuleError)) throw error;
      return this.letThrough(order, key, error);
    }
  }

  /** Reads the provider, and so stands outside every transaction. */
  private async inquire(order: PaymentOrder, key: string): Promise<Inquiry> {
    const { known, rules, customerRef } = await this.unitOfWork.service(async (tx) => ({
      known: await this.decisions.byKey(tx, key),
      rules: await this.rules.active(tx),
      customerRef: await this.customers.accountOf(tx, order.customerId, 'stripe'),
    }));
    if (known || customerRef === null || !needsCard(rules))
      return { key, known, rules, card: NO_CARD, degraded: false };
    try {
      return { key, known, rules, card: await this.cards.charged({ ...order, customerRef }), degraded: false };
    } catch (error) {
      this.logger.warn(`The card of an attempt could not be read: ${String(error)}`);
      return { key, known, rules, card: NO_CARD, degraded: true };
    }
  }

  private async judge(tx: Tx, order: PaymentOrder, inquiry: Inquiry): Promise<FraudDecision> {
    const { key, rules, card, degraded } = inquiry;
    const address = this.pseudonyms.maybe('address', OriginContext.current()?.address);
    const fingerprint = this.pseudonyms.maybe('card', card.fingerprint);
    const attempt = this.observed(order, card, address, fingerprint);
    await this.signals.lock(tx, [order.customerId, address?.newest ?? '', fingerprint?.newest ?? ''].filter(Boolean));
    const known = await this.decisions.byKey(tx, key);
    if (known) return known;
    const verdict = evaluate(rules, await this.observer.observe(tx, rules, attempt));
    const decision = await this.decisions.record(tx, {
      ...toRecord(order, key, attempt.at, verdict, degraded),
      ipHash: address?.newest ?? null,
      cardHash: fingerprint?.newest ?? null,
    });
    await this.outbox.append(tx, reviewEvents(decision, rules));
    return decision;
  }

  private observed(
    { customerId, amount, currency }: PaymentOrder,
    card: ChargedCard,
    address: Pseudonym | null,
    fingerprint: Pseudonym | null,
  ): ObservedAttempt {
    return {
      subject: { customerId, addressHashes: address?.all ?? [], cardHashes: fingerprint?.all ?? [] },
      facts: {
        amount,
        currency,
        cardCountry: card.country,
        billingCountry: card.billingCountry,
        requestCountry: OriginContext.current()?.country ?? null,
      },
      at: this.clock.now(),
    };
  }

  /** The till does not stop because its guard has fallen over; somebody is told. */
  private async letThrough(order: PaymentOrder, key: string, error: unknown): Promise<FraudDecision | null> {
    this.logger.error(`The fraud rules could not decide; the attempt goes on: ${String(error)}`);
    this.decided.inc({ outcome: 'allow', degraded: 'true' });
    try {
      return await this.unitOfWork.service(async (tx) => {
        await this.alerts.raise(tx, {
          kind: 'fraud.engine',
          severity: 'critical',
          causeKey: 'fraud.engine',
          message: 'Payment attempts go on without the fraud rules: they cannot decide',
          details: { action: order.action, requestId: order.actor.requestId },
        });
        const verdict: Verdict = { outcome: 'allow', reasons: [] };
        return this.decisions.record(tx, {
          ...toRecord(order, key, this.clock.now(), verdict, true),
          ipHash: this.pseudonyms.maybe('address', OriginContext.current()?.address)?.newest ?? null,
          cardHash: null,
        });
      });
    } catch (again) {
      this.logger.error(`Nor could that be recorded: ${String(again)}`);
      return null;
    }
  }

  /** What is lost here leaves the attempt without an end, which counts as a decline while its window lasts. */
  private async settle(decision: FraudDecision | null, end: AttemptEnd): Promise<void> {
    if (!decision) return;
    await this.unitOfWork
      .service((tx) => this.decisions.settle(tx, decision.id, end))
      .catch((error: unknown) => {
        this.logger.warn(`The end of attempt ${decision.id} could not be recorded: ${String(error)}`);
      });
  }
}

function toRecord(
  order: PaymentOrder,
  dedupeKey: string,
  at: Date,
  { outcome, reasons }: { outcome: Outcome; reasons: Verdict['reasons'] },
  degraded: boolean,
): Omit<NewDecision, 'ipHash' | 'cardHash'> {
  const { customerId, action, amount, currency, actor } = order;
  const requestId = actor.requestId;
  return { dedupeKey, at, customerId, action, outcome, degraded, reasons, requestId, amount, currency };
}

/** The bank's word; a failure of ours, of the provider or of the request says nothing of the card. */
function declineCodeOf(error: unknown): string | null {
  if (!isAppError(error) || error.code !== 'PAYMENT_FAILED') return null;
  const { declineCode } = error.details;
  return typeof declineCode === 'string' ? declineCode : 'unknown';
}
