import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { isAppError } from '../../shared/app-error';
import type { ReadResult } from '../provider.port';
import { StripeClient } from './stripe-client';
import { METADATA } from './stripe-objects';
import { REFUND_EXPAND, WHOSE } from './stripe-reader';
import { answeredAt, snapshotOf, type StripeObject } from './stripe-snapshots';

/** An object after a call of ours, for the facts. */
export interface AnsweredObject {
  providerId: string;
  snapshot: ReadResult;
}

export const REFUND_REASONS = ['duplicate', 'fraudulent', 'requested_by_customer'] as const;
export type RefundReason = (typeof REFUND_REASONS)[number];

export interface RefundOrder {
  paymentRef: string;
  /** Stripe's integer. */
  amount: number;
  reason: RefundReason;
}

/** What a dispute can be answered with, in Stripe's names. Files are not uploaded: evidence is text. */
export type EvidenceText = Partial<Record<EvidenceField, string>>;
export const EVIDENCE_FIELDS = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_tracking_number',
  'uncategorized_text',
] as const satisfies readonly (keyof Stripe.DisputeUpdateParams.Evidence)[];
export type EvidenceField = (typeof EVIDENCE_FIELDS)[number];

export const CREDIT_NOTE_REASONS = ['duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory'] as const;
export type CreditNoteReason = (typeof CREDIT_NOTE_REASONS)[number];

/** Where the money of a paid invoice's credit note goes; of an open one, the customer owes less. */
export type CreditNoteTarget = 'refund' | 'credit' | 'out_of_band' | 'owed';

export interface CreditNoteOrder {
  invoiceRef: string;
  /** Stripe's integer, tax included. */
  amount: number;
  target: CreditNoteTarget;
  reason: CreditNoteReason | null;
  /** What of which lines it credits: only so is its tax reduced too. Without them nothing of the amount is tax. */
  lines?: CreditNoteLine[];
}

export interface CreditNoteLine {
  /** The line's id at Stripe. */
  ref: string;
  /** Stripe's integer, as the line's own amount: before discounts and tax on top. */
  amount: number;
}

/** `other`: its lines come to something else than its amount. */
export type CreditNoteVerdict = 'fits' | 'other' | 'too_much';

/** Calls that give money back, or argue about it. */
@Injectable()
export class StripeMoneyGateway {
  constructor(private readonly client: StripeClient) {}

  async refund({ paymentRef, amount, reason }: RefundOrder, intentId: string, key: string): Promise<AnsweredObject> {
    const metadata = { [METADATA.intentId]: intentId };
    const answer = await this.client.call((sdk) =>
      sdk.refunds.create(
        { payment_intent: paymentRef, amount, reason, metadata, expand: REFUND_EXPAND },
        { idempotencyKey: key },
      ),
    );
    return answered({ objectType: 'refund', object: answer }, answer, intentId);
  }

  /** By the intent in its metadata; null where Stripe has none. */
  async findRefund(paymentRef: string, intentId: string): Promise<AnsweredObject | null> {
    const answer = await this.client.call((sdk) =>
      sdk.refunds.list({
        payment_intent: paymentRef,
        limit: 100,
        expand: REFUND_EXPAND.map((field) => `data.${field}`),
      }),
    );
    const refund = answer.data.find(({ metadata }) => metadata?.[METADATA.intentId] === intentId);
    return refund ? answered({ objectType: 'refund', object: refund }, answer, intentId) : null;
  }

  /** @param submit sends it to the bank for good; otherwise it is kept at Stripe. Setting the same twice is setting it once. */
  async giveEvidence(
    disputeRef: string,
    evidence: EvidenceText,
    submit: boolean,
    sourceId: string,
  ): Promise<AnsweredObject> {
    const answer = await this.client.call((sdk) =>
      sdk.disputes.update(disputeRef, { evidence, submit, expand: WHOSE }),
    );
    return answered({ objectType: 'dispute', object: answer }, answer, sourceId);
  }

  /** Gives the dispute up: it is lost. */
  async acceptDispute(disputeRef: string, sourceId: string): Promise<AnsweredObject> {
    const answer = await this.client.call((sdk) => sdk.disputes.close(disputeRef, { expand: WHOSE }));
    return answered({ objectType: 'dispute', object: answer }, answer, sourceId);
  }

  async issueCreditNote(order: CreditNoteOrder, intentId: string, key: string): Promise<AnsweredObject> {
    const params = { ...creditNoteParams(order), metadata: { [METADATA.intentId]: intentId } };
    const answer = await this.client.call((sdk) => sdk.creditNotes.create(params, { idempotencyKey: key }));
    return answered({ objectType: 'credit_note', object: answer }, answer, intentId);
  }

  /** Whether Stripe would issue it, for that amount. Nothing is made. */
  async tryCreditNote(order: CreditNoteOrder): Promise<CreditNoteVerdict> {
    try {
      const { total } = await this.client.call((sdk) => sdk.creditNotes.preview(creditNoteParams(order)));
      return total === order.amount ? 'fits' : 'other';
    } catch (error) {
      if (isTooMuchCredit(error)) return 'too_much';
      // The parts that go somewhere must add up to its total, says Stripe, and names no parameter.
      if (isAppError(error) && error.code === 'PROVIDER_REFUSED' && error.details['param'] === null) return 'other';
      throw error;
    }
  }

  /** What credit notes that stand took of an invoice's lines: Stripe's integers by the lines' ids. */
  async creditedLines(invoiceRef: string): Promise<Map<string, number>> {
    const notes = await this.client.call((sdk) => sdk.creditNotes.list({ invoice: invoiceRef, limit: 100 }));
    const credited = new Map<string, number>();
    for (const note of notes.data.filter(({ status }) => status === 'issued')) {
      const rest = note.lines.has_more ? await this.linesOf(note.id) : note.lines.data;
      for (const { invoice_line_item: ref, amount } of rest) {
        if (ref) credited.set(ref, (credited.get(ref) ?? 0) + amount);
      }
    }
    return credited;
  }

  private linesOf(creditNoteRef: string): Promise<Stripe.CreditNoteLineItem[]> {
    return this.client.call((sdk) =>
      sdk.creditNotes.listLineItems(creditNoteRef, { limit: 100 }).autoPagingToArray({ limit: 1_000 }),
    );
  }

  async findCreditNote(invoiceRef: string, intentId: string): Promise<AnsweredObject | null> {
    const answer = await this.client.call((sdk) => sdk.creditNotes.list({ invoice: invoiceRef, limit: 100 }));
    const note = answer.data.find(({ metadata }) => metadata?.[METADATA.intentId] === intentId);
    return note ? answered({ objectType: 'credit_note', object: note }, answer, intentId) : null;
  }

  async voidCreditNote(creditNoteRef: string, sourceId: string): Promise<AnsweredObject> {
    const answer = await this.client.call((sdk) => sdk.creditNotes.voidCreditNote(creditNoteRef));
    return answered({ objectType: 'credit_note', object: answer }, answer, sourceId);
  }
}

/** More than is left of the invoice, or of one of its lines, which Stripe alone counts. */
export function isTooMuchCredit(error: unknown): boolean {
  if (!isAppError(error) || error.code !== 'PROVIDER_REFUSED') return false;
  const { param } = error.details;
  return param === 'amount' || (typeof param === 'string' && param.startsWith('lines'));
}

type CreditNoteParams = Stripe.CreditNoteCreateParams & Stripe.CreditNotePreviewParams;

function creditNoteParams({ invoiceRef, amount, target, reason, lines }: CreditNoteOrder): CreditNoteParams {
  const credited = lines?.map((line): Stripe.CreditNoteCreateParams.Line => ({
    type: 'invoice_line_item',
    invoice_line_item: line.ref,
    amount: line.amount,
  }));
  return {
    invoice: invoiceRef,
    ...(credited ? { lines: credited } : { amount }),
    ...(reason === null ? {} : { reason }),
    ...(target === 'owed' ? {} : { [`${target}_amount`]: amount }),
  };
}

function answered(read: StripeObject, answer: Stripe.Response<object>, intentId: string): AnsweredObject {
  const snapshot = snapshotOf(read, { answeredAt: answeredAt(answer), sourceId: `answer:${intentId}` });
  if (!snapshot) throw new Error(`Stripe answered a ${read.objectType} without a customer`);
  return { providerId: read.object.id, snapshot };
}
