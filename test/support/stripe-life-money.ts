import fc from 'fast-check';
import { DAY, HOUR, invoiceNow } from '../../sandbox/stripe/engine/harness';
import type { ChargeObject, InvoiceObject } from '../../sandbox/stripe/engine/wire';
import { allOf, kind, type Playing } from './stripe-life-kind';

/** Which of them is meant, counted back from the newest. */
const back = fc.nat(3);
const percent = fc.constantFrom(1, 33, 50, 100);

function nth<T>(all: readonly T[], ago: number): T | undefined {
  return all[all.length - 1 - (ago % Math.max(1, all.length))];
}

const paidCharge = ({ h }: Playing, ago: number): ChargeObject | undefined =>
  nth(
    allOf(h, 'charge').filter(({ status }) => status === 'succeeded'),
    ago,
  );

/** What notes can be made of; the latest invoice is a draft for an hour. */
const invoice = ({ h }: Playing, ago: number): InvoiceObject | undefined =>
  nth(
    allOf(h, 'invoice').filter(({ status, total }) => total > 0 && (status === 'open' || status === 'paid')),
    ago,
  );

type NoteTarget = 'refund_amount' | 'credit_amount' | 'out_of_band_amount';

/** What an open invoice still asks for is taken off it; what was paid goes where `target` says. */
function creditNote(life: Playing, ago: number, share: number, target: NoteTarget): void {
  const found = invoice(life, ago);
  if (found === undefined) return;
  const { id, status, amount_remaining: remaining, amount_paid: paid } = invoiceNow(life.h, found.id);
  const amount = Math.max(1, Math.floor(((status === 'open' ? remaining : paid) * share) / 100));
  life.h.call('POST', '/v1/credit_notes', { invoice: id, amount, ...(status !== 'open' && { [target]: amount }) });
}

/** What happens to money after it was paid. */
export const MONEY_STEPS = {
  refund: kind(
    2,
    {
      ago: back,
      share: percent,
      behavior: fc.constantFrom(
        'succeeds' as const,
        'pending_then_succeeds' as const,
        'pending_then_fails' as const,
        'succeeds_then_fails' as const,
        'requires_action' as const,
      ),
    },
    (life, { ago, share, behavior }) => {
      const charge = paidCharge(life, ago);
      if (charge === undefined) return;
      const left = charge.amount_captured - charge.amount_refunded;
      life.h.engine.control.configure({ refunds: behavior });
      life.h.call('POST', '/v1/refunds', { charge: charge.id, amount: Math.max(1, Math.floor((left * share) / 100)) });
    },
  ),
  /** The bank sends one back, or somebody thinks better of it. */
  unrefund: kind(1, { ago: back, cancel: fc.boolean() }, ({ h }, { ago, cancel }) => {
    const refund = nth(allOf(h, 'refund'), ago);
    if (refund === undefined) return;
    if (cancel) h.call('POST', `/v1/refunds/${refund.id}/cancel`);
    else h.engine.control.money.settleRefund(refund.id, 'failed');
  }),
  dispute: kind(2, { ago: back, share: percent, inquiry: fc.boolean() }, (life, { ago, share, inquiry }) => {
    const charge = paidCharge(life, ago);
    if (charge === undefined) return;
    const amount = Math.max(1, Math.floor((charge.amount_captured * share) / 100));
    life.h.engine.control.money.openDispute({ charge: charge.id }, { inquiry, amount });
  }),
  /** What the bank decides, days apart; what it cannot come to is refused. */
  decide: kind(
    2,
    {
      ago: back,
      outcomes: fc.array(
        fc.constantFrom(
          'needs_response' as const,
          'under_review' as const,
          'won' as const,
          'lost' as const,
          'warning_closed' as const,
        ),
        { minLength: 1, maxLength: 3 },
      ),
    },
    ({ h }, { ago, outcomes }) => {
      const dispute = nth(allOf(h, 'dispute'), ago);
      if (dispute === undefined) return;
      for (const outcome of outcomes) {
        h.go(h.now() + DAY);
        h.engine.control.money.decideDispute(dispute.id, outcome);
      }
    },
  ),
  credit: kind(
    2,
    {
      ago: back,
      share: percent,
      target: fc.constantFrom<NoteTarget>('refund_amount', 'credit_amount', 'out_of_band_amount'),
    },
    (life, { ago, share, target }) => {
      creditNote(life, ago, share, target);
    },
  ),
  uncredit: kind(1, { ago: back }, ({ h }, { ago }) => {
    const note = nth(allOf(h, 'credit_note'), ago);
    if (note !== undefined) h.call('POST', `/v1/credit_notes/${note.id}/void`);
  }),
  /** Charges are captured later, or at once again: their fee is told by `charge.updated`, and by readings. */
  capture: kind(1, { later: fc.boolean() }, ({ h }, { later }) => {
    h.engine.control.configure({ captureDelaySeconds: later ? HOUR : null });
  }),
  look: kind(
    2,
    {
      what: fc.constantFrom('payment_intent' as const, 'refund' as const, 'dispute' as const, 'credit_note' as const),
      ago: back,
    },
    (life, { what, ago }) => {
      const found = nth(allOf(life.h, what), ago);
      if (found !== undefined) life.readingOf(found.id);
    },
  ),
} as const;
