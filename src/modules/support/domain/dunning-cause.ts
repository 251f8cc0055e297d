import { amountToJson } from '../../../shared/money';
import { classify, RETRY_EVENTS } from '../../retry';
import type { TicketCase } from '../dunning-tickets.repository';
import type { NewTicket } from '../support-tickets.service';
import { priorityOf } from './priority-rules';

export interface DunningTelling {
  type: string;
  caseId: string;
  declineCode: string | null;
}

/** A renewal that is not paid is one ticket, whatever is told of it; money that came too late, and what nobody knows, others. */
export const causeKeyOf = (caseId: string, what: 'unpaid' | 'late_success' | 'stuck'): string =>
  what === 'unpaid' ? `dunning:${caseId}` : `dunning:${caseId}:${what}`;

type Cause = Pick<NewTicket, 'type' | 'priority' | 'causeKey' | 'summary' | 'details'>;

/**
 * Pure: what somebody has to do about a renewal, null where nobody has. Events come late and in any order: what counts is how
 * the case stands now. Of hard declines only those that smell of fraud are for people, the others for the customer, who is
 * asked for another method.
 */
export function causeOfDunning({ type, caseId, declineCode }: DunningTelling, now: TicketCase): Cause | null {
  const cause = (code: string, what: 'unpaid' | 'late_success' | 'stuck', summary: string): Cause => ({
    ...{ type: 'payment_failure', priority: priorityOf('payment_failure', code) },
    ...{ causeKey: causeKeyOf(caseId, what), summary },
    details: { caseId, code, declineCode, amount: amountToJson(now.amountDue), currency: now.currency },
  });
  switch (type) {
    // The first decline of all is no attempt of ours; that another method is needed is told by the reminder.
    case RETRY_EVENTS.reminderDue:
    case RETRY_EVENTS.methodRequired: {
      const code = declineCode ?? now.declineCode;
      const kind = classify({ declineCode: code, adviceCode: null, networkAdviceCode: null }).class;
      if (kind !== 'fraud' || now.status !== 'open') return null;
      return cause('suspected_fraud', 'unpaid', `A renewal was declined as ${code ?? 'fraud'}: look at the customer`);
    }
    case RETRY_EVENTS.exhausted:
      if (now.status !== 'exhausted' || now.latePaidAt !== null) return null;
      return cause('exhausted', 'unpaid', 'A renewal was given up: nothing more is tried');
    case RETRY_EVENTS.lateSuccess:
      if (now.latePaidAt === null) return null;
      return cause(
        'late_success',
        'late_success',
        'A renewal was paid when it was too late: give the money back, or the access',
      );
    case RETRY_EVENTS.stuck:
      if (now.status !== 'open') return null;
      return cause('stuck', 'stuck', 'What became of a payment, or of the end of a case, could not be learned');
    default:
      return null;
  }
}
