import { Injectable, type OnModuleInit } from '@nestjs/common';
import { isAppError } from '../../../shared/app-error';
import { SYSTEM } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { OwnAnswer } from '../../../platform/inbox';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../../platform/intents';
import { Outbox } from '../../../platform/outbox';
import type { ReadResult } from '../../../providers/provider.port';
import { StripeInvoiceGateway, type TakenInvoice } from '../../../providers/stripe';
import type { Invoice } from '../invoices.repository';

const KIND = 'invoice.take_over';

interface TakenOutcome extends ProviderOutcome {
  snapshot: ReadResult;
}

/** What is known of an open invoice that the provider collects no more. */
export interface Takeover {
  /** The provider will still try by itself, whatever it was asked: it is to be left alone. */
  isRetriedThere: boolean;
  declineCode: string | null;
  adviceCode: string | null;
  networkAdviceCode: string | null;
}

/** Takes the collection of an open invoice over from Stripe, so that one of the two tries again, and not both. */
@Injectable()
export class InvoiceTakeoverFlow implements IntentHandler<TakenOutcome>, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly stripe: StripeInvoiceGateway,
    private readonly answers: OwnAnswer,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /** Asking twice is asking once. @throws REQUEST_IN_PROGRESS, and Stripe's failures. */
  async takeOver({ customerId, providerId: invoiceRef }: Invoice): Promise<Takeover> {
    const { outcome } = await this.intents.run(
      {
        ...{ provider: 'stripe', kind: KIND, customerId, params: { invoiceRef } },
        ...{ dedupeKey: `${KIND}:${invoiceRef}`, reopen: true },
      },
      SYSTEM,
    );
    this.outbox.wake();
    return outcome as unknown as Takeover;
  }

  async call(intent: Intent, idempotencyKey: string): Promise<TakenOutcome> {
    const invoiceRef = refOf(intent);
    try {
      return toOutcome(await this.stripe.takeOver(invoiceRef, intent.id, idempotencyKey));
    } catch (error) {
      // Of one that was settled meanwhile there is nothing left to take over.
      const refused = isAppError(error) && error.code === 'PROVIDER_REFUSED';
      const standing = refused ? await this.stripe.standing(invoiceRef, intent.id) : null;
      if (standing && standing.status !== 'open') return toOutcome(standing);
      throw error;
    }
  }

  async find(intent: Intent): Promise<TakenOutcome | null> {
    const standing = await this.stripe.standing(refOf(intent), intent.id);
    return standing.isRetriedThere ? null : toOutcome(standing);
  }

  async commit(tx: Tx, intent: Intent, result: TakenOutcome): Promise<void> {
    await this.answers.apply(tx, customerOf(intent), result.snapshot);
  }
}

function refOf(intent: Intent): string {
  return intent.params['invoiceRef'] as string;
}

function toOutcome({ providerId, snapshot, isRetriedThere, lastError }: TakenInvoice): TakenOutcome {
  return { providerId, outcome: { isRetriedThere, ...lastError }, snapshot };
}
