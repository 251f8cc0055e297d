import { RETRY_EVENTS } from '../../retry';
import type { TicketCase } from '../dunning-tickets.repository';
import { causeOfDunning } from './dunning-cause';

const NOW: TicketCase = {
  ...{ customerId: 'cust_1', subscriptionId: 'sub_1', invoiceId: 'inv_1', paymentId: null },
  ...{ status: 'open', latePaidAt: null, declineCode: null, amountDue: 2900n, currency: 'USD' },
};
const LATE = { status: 'exhausted', latePaidAt: new Date(0) } as const;

describe('the cause in what dunning tells', () => {
  it.each<[string, string, string | null, Partial<TicketCase>, string | null]>([
    ['a stolen card', RETRY_EVENTS.methodRequired, 'stolen_card', {}, 'normal dunning:case_1'],
    [
      'a stolen card, paid with another since',
      RETRY_EVENTS.methodRequired,
      'stolen_card',
      { status: 'recovered' },
      null,
    ],
    ['an expired card', RETRY_EVENTS.methodRequired, 'expired_card', {}, null],
    ['stolen from the first', RETRY_EVENTS.reminderDue, null, { declineCode: 'stolen_card' }, 'normal dunning:case_1'],
    ['a reminder like any', RETRY_EVENTS.reminderDue, null, { declineCode: 'insufficient_funds' }, null],
    ['no code', RETRY_EVENTS.methodRequired, null, {}, null],
    ['given up', RETRY_EVENTS.exhausted, null, { status: 'exhausted' }, 'normal dunning:case_1'],
    ['given up, paid since', RETRY_EVENTS.exhausted, null, LATE, null],
    ['given up, told before it stands so', RETRY_EVENTS.exhausted, null, {}, null],
    ['paid too late', RETRY_EVENTS.lateSuccess, null, LATE, 'high dunning:case_1:late_success'],
    ['stuck', RETRY_EVENTS.stuck, null, {}, 'high dunning:case_1:stuck'],
    ['stuck, and settled since', RETRY_EVENTS.stuck, null, { status: 'recovered' }, null],
    ['opened', RETRY_EVENTS.caseOpened, null, {}, null],
    ['a soft decline', RETRY_EVENTS.attempted, 'insufficient_funds', {}, null],
  ])('%s', (_name, type, declineCode, now, expected) => {
    const cause = causeOfDunning({ type, caseId: 'case_1', declineCode }, { ...NOW, ...now });
    expect(cause && `${cause.priority} ${cause.causeKey}`).toBe(expected);
  });
});
