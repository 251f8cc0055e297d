import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { parseCurrency } from '../../../shared/currency';
import { newId } from '../../../shared/ids';
import { money } from '../../../shared/money';
import { toStripeAmount } from '../../../shared/money-stripe';
import { AuditLog, type Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { IdempotencyContext } from '../../../platform/http';
import { OwnAnswer } from '../../../platform/inbox';
import { customerOf, Intents, type Intent, type IntentHandler, type ProviderOutcome } from '../../../platform/intents';
import { Outbox } from '../../../platform/outbox';
import {
  isTooMuchCredit,
  StripeMoneyGateway,
  type AnsweredObject,
  type CreditNoteOrder,
  type CreditNoteReason,
  type CreditNoteTarget,
} from '../../../providers/stripe';
import { invoiceNotFound } from '../billing.errors';
import { InvoicesRepository, type Invoice } from '../invoices.repository';
import { dedupeKeyOf } from '../purchase.service';
import { CreditLines } from './credit-lines.flow';
import { creditNoteNotFound, creditNoteNotVoidable, creditNoteTooMuch, notCreditable } from './credit-notes.errors';
import { CreditNotesRepository, type CreditNote } from './credit-notes.repository';
import { whyNotCreditable } from './domain/creditable';

const KIND = 'credit_note.create';

interface Issued extends ProviderOutcome {
  answer: AnsweredObject;
}

export interface CreditNoteRequest {
  /** Minor units, tax included. */
  amount: bigint;
  target: CreditNoteTarget;
  reason: CreditNoteReason | null;
}

/** Issues credit notes at Stripe; a customer's come one after the other. */
@Injectable()
export class CreditNoteFlow implements IntentHandler<Issued>, OnModuleInit {
  readonly kind = KIND;

  constructor(
    private readonly intents: Intents,
    private readonly stripe: StripeMoneyGateway,
    private readonly lines: CreditLines,
    private readonly answers: OwnAnswer,
    private readonly invoices: InvoicesRepository,
    private readonly notes: CreditNotesRepository,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.intents.register(this);
  }

  /**
   * What it credits of which lines is laid out before the intent is committed, so that a repeat sends the same.
   * @throws INVALID_STATE_TRANSITION, CREDIT_NOTE_EXCEEDS_INVOICE, CREDIT_NOTE_AMOUNT_UNAVAILABLE, AMOUNT_NOT_CHARGEABLE,
   * REQUEST_IN_PROGRESS
   */
  async issue(invoice: Invoice, request: CreditNoteRequest, actor: Actor): Promise<CreditNote> {
    const known = IdempotencyContext.current() ? await this.intents.known(dedupeKeyOf(KIND)) : null;
    const order = known
      ? (known.params as unknown as CreditNoteOrder)
      : await this.lines.laidOut(invoice, orderOf(invoice, request), request.amount);
    const { providerId } = await this.intents.run(
      {
        provider: 'stripe',
        kind: KIND,
        customerId: invoice.customerId,
        dedupeKey: dedupeKeyOf(KIND),
        alone: true,
        params: { ...order },
      },
      actor,
      async (tx) => {
        const fresh = await this.invoices.byId(tx, invoice.id);
        if (!fresh) throw invoiceNotFound(invoice.id);
        if (!known) orderOf(fresh, request);
        await this.audit.record(tx, {
          actor,
          action: 'invoice.credit_note',
          objectType: 'invoice',
          objectId: invoice.id,
          customerId: invoice.customerId,
          before: { status: fresh.status },
          after: { amount: order.amount, currency: invoice.currency, target: request.target, reason: request.reason },
        });
      },
    );
    this.outbox.wake();
    const note = await this.unitOfWork.service((tx) => this.notes.byProviderId(tx, 'stripe', providerId));
    if (!note) throw new Error(`Credit note ${providerId} was issued and has no row`);
    return note;
  }

  /** Takes it back while nothing was paid on it. To void twice is to void once. @throws CREDIT_NOTE_NOT_FOUND, INVALID_STATE_TRANSITION */
  async void(id: string, actor: Actor): Promise<CreditNote> {
    const note = await this.unitOfWork.service((tx) => this.again(tx, id));
    if (note.status !== 'issued' || note.prePayment !== note.total) throw creditNoteNotVoidable(note.status);
    const { snapshot } = await this.stripe.voidCreditNote(note.providerId, newId('req', this.clock.wall().getTime()));
    const { customerId } = note;
    return this.answers.take(customerId, snapshot, async (tx) => {
      const written = await this.again(tx, id);
      await this.audit.record(tx, {
        ...{ actor, action: 'credit_note.void', objectType: 'credit_note', objectId: id, customerId },
        before: { status: note.status },
        after: { status: written.status },
      });
      return written;
    });
  }

  async call(intent: Intent, idempotencyKey: string): Promise<Issued> {
    try {
      return toOutcome(
        await this.stripe.issueCreditNote(intent.params as unknown as CreditNoteOrder, intent.id, idempotencyKey),
      );
    } catch (error) {
      // What earlier notes left of the invoice is counted by Stripe alone.
      throw isTooMuchCredit(error) ? creditNoteTooMuch() : error;
    }
  }

  async find(intent: Intent): Promise<Issued | null> {
    const { invoiceRef } = intent.params as unknown as CreditNoteOrder;
    const found = await this.stripe.findCreditNote(invoiceRef, intent.id);
    return found && toOutcome(found);
  }

  async commit(tx: Tx, intent: Intent, { answer }: Issued): Promise<void> {
    await this.answers.apply(tx, customerOf(intent), answer.snapshot);
  }

  private async again(tx: Tx, id: string): Promise<CreditNote> {
    const note = await this.notes.byId(tx, id);
    if (!note) throw creditNoteNotFound(id);
    return note;
  }
}

/** @throws why not. */
function orderOf(invoice: Invoice, { amount, target, reason }: CreditNoteRequest): CreditNoteOrder {
  if (invoice.provider !== 'stripe') throw notCreditable(invoice.status, target);
  const { status, amountDue, amountPaid } = invoice;
  const refused = whyNotCreditable({ status, amountPaid, amountRemaining: amountDue - amountPaid }, amount, target);
  if (refused) throw refused;
  const { amount: charged } = toStripeAmount(money(amount, parseCurrency(invoice.currency)));
  return { invoiceRef: invoice.providerId, amount: charged, target, reason };
}

function toOutcome(answer: AnsweredObject): Issued {
  return { providerId: answer.providerId, outcome: {}, answer };
}
