import type { DomainEvent } from '../../../platform/outbox';
import { BILLING_EVENTS } from '../billing.events';
import type { Reason } from './domain/evaluate';
import type { FraudRule } from './domain/rule';
import { shapeOf } from './domain/signals';
import type { FraudDecision } from './fraud-decisions.repository';

/** A person is to look at one rule's reason; what the event carries. */
export interface FraudReviewPayload {
  /** Same cause, same unresolved ticket: the rule, and whom it is about. */
  cause: string;
  decisionId: string;
  action: string;
  reason: Reason;
  description: string;
}

/** Pure: what is told of a decision that asks for a person. Each rule is a cause of its own; a blocked attempt asks for nobody. */
export function reviewEvents(decision: FraudDecision, rules: readonly FraudRule[]): DomainEvent[] {
  if (decision.outcome !== 'review') return [];
  return decision.reasons.map((reason) => {
    const rule = rules.find(({ key }) => key === reason.rule);
    const payload: FraudReviewPayload = {
      cause: `fraud:${reason.rule}:${rule ? subjectOf(rule, decision) : decision.customerId}`,
      decisionId: decision.id,
      action: decision.action,
      reason,
      description: rule?.description ?? reason.rule,
    };
    return {
      type: BILLING_EVENTS.fraudReview,
      objectType: 'fraud_decision',
      objectId: decision.id,
      customerId: decision.customerId,
      payload: { ...payload },
      occurredAt: decision.at,
    };
  });
}

function subjectOf(rule: FraudRule, { customerId, ipHash, cardHash }: FraudDecision): string {
  switch (shapeOf(rule.signal).subject) {
    case 'customer':
      return customerId;
    case 'address':
      return ipHash ?? customerId;
    case 'card':
      return cardHash ?? customerId;
    case 'house':
      return 'house';
  }
}
