import { PRIORITY_RULES, priorityOf, stepped } from './priority-rules';
import { TICKET_PRIORITIES, TICKET_TYPES, type TicketPriority, type TicketType } from './ticket';

describe('priority of a ticket', () => {
  it.each<[TicketType, string, TicketPriority]>([
    ['dispute', 'needs_response', 'high'],
    ['dispute', 'warning_needs_response', 'normal'],
    ['refund_failure', 'failed', 'high'],
    ['fraud_review', 'fraud_warning', 'urgent'],
    ['fraud_review', 'review', 'high'],
    ['fraud_review', 'failures_of_card', 'high'],
    ['reconciliation_break', 'missing_here', 'high'],
    ['reconciliation_break', 'missing_there', 'high'],
    ['reconciliation_break', 'amount', 'high'],
    ['reconciliation_break', 'currency', 'high'],
    ['reconciliation_break', 'duplicate', 'high'],
    ['reconciliation_break', 'date', 'normal'],
    ['reconciliation_break', 'status', 'normal'],
    ['payout', 'charged_back', 'urgent'],
    ['payout', 'bounced', 'high'],
    ['payout', 'requires_manual_funding', 'normal'],
    ['payment_failure', 'late_success', 'high'],
    ['payment_failure', 'stuck', 'high'],
    ['payment_failure', 'suspected_fraud', 'normal'],
    ['payment_failure', 'exhausted', 'normal'],
    ['webhook_failure', 'charge.refunded', 'high'],
    ['other', 'charge.refunded', 'low'],
    ['other', 'constructor', 'low'],
  ])('%s, %s: %s', (type, code, priority) => {
    expect(priorityOf(type, code)).toBe(priority);
  });

  it('has a rule for every type but the one without a meaning, and no rule that another hides', () => {
    expect(new Set(PRIORITY_RULES.map(([type]) => type))).toEqual(
      new Set(TICKET_TYPES.filter((type) => type !== 'other')),
    );
    const hidden = PRIORITY_RULES.filter(([type, name], i) =>
      PRIORITY_RULES.slice(0, i).some(
        ([of, before]) => of === type && before.endsWith('*') && name.startsWith(before.slice(0, -1)),
      ),
    );
    expect(hidden).toEqual([]);
  });

  it('is stepped no further than there are priorities', () => {
    expect(TICKET_PRIORITIES.map((priority) => stepped(priority, 1))).toEqual(['normal', 'high', 'urgent', 'urgent']);
    expect(TICKET_PRIORITIES.map((priority) => stepped(priority, -1))).toEqual(['low', 'low', 'normal', 'high']);
  });
});
