import { sentenceOf, type TimelineEntry } from './timeline-words';

const entryOf = (type: string, words: Record<string, string | null> = {}): TimelineEntry => ({
  at: new Date(0),
  key: 'k',
  type,
  objectType: 'x',
  objectId: 'inv_1',
  amount: null,
  currency: null,
  source: 'system',
  words,
});

describe('sentences of a timeline', () => {
  it.each<[string, Record<string, string | null>, string]>([
    ['subscription.created', { toPlan: 'Pro' }, 'Subscribed to Pro'],
    ['subscription.upgraded', { fromPlan: 'Basic', toPlan: 'Pro' }, 'Upgraded from Basic to Pro'],
    ['subscription.downgraded', { fromPlan: null, toPlan: 'Pro' }, 'Downgraded from another plan to Pro'],
    [
      'subscription.status_changed',
      { fromStatus: 'active', toStatus: 'unpaid', toPlan: 'Pro' },
      'Pro went from active to unpaid',
    ],
    ['invoice.paid', { number: 'A-1' }, 'Invoice A-1 was paid'],
    ['invoice.voided', { number: null }, 'Invoice inv_1 was voided'],
    ['payment.succeeded', { brand: 'visa', last4: '4242' }, 'Paid with visa 4242'],
    [
      'payment.failed',
      { brand: null, last4: null, declineCode: 'lost_card' },
      'A payment with a saved method was declined (lost_card)',
    ],
    ['payment.failed', { brand: 'visa', last4: '1' }, 'A payment with visa 1 was declined'],
    ['refund.succeeded', { reason: 'duplicate' }, 'Refunded (duplicate)'],
    ['refund.failed', { reason: 'duplicate', failure: 'lost_or_stolen_card' }, 'A refund failed (lost_or_stolen_card)'],
    ['dispute.lost', { reason: 'fraudulent' }, 'A dispute was lost (fraudulent)'],
    ['credit_note.issued', { number: 'A-1-CN-01' }, 'Credit note A-1-CN-01 was issued'],
    ['credit.granted', {}, 'Credit was given, for later invoices'],
    ['ticket.resolved', { text: 'Broken', resolution: 'manual' }, 'Ticket resolved (manual): Broken'],
    ['grant.revoked', { feature: 'Seats' }, 'Access to Seats was taken away'],
    ['event.failed', { text: 'invoice.paid', code: 'X' }, 'The event invoice.paid could not be handled (X)'],
    ['audit.subscription.extend_trial', { actor: 'op-1' }, 'Subscription extend trial, by op-1'],
    ['audit.customer.create', { actor: null }, 'Customer create, by system'],
    ['something.quite_new', {}, 'Something quite new'],
  ])('%s %j is "%s"', (type, words, sentence) => {
    expect(sentenceOf(entryOf(type, words))).toBe(sentence);
  });
});
