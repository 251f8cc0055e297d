/**
 * Domain events of this module. All are about one case: `objectType` is `dunning_case`, `objectId` the case's id; every
 * payload has `{caseId, invoiceId, subscriptionId}` besides what stands here. Times are ISO strings of business time; none
 * holds a payment link: who tells the customer takes a fresh one from the invoice.
 */
export const RETRY_EVENTS = {
  /** {openedAt, graceUntil}: a renewal was declined. Also when a closed case is opened again. */
  caseOpened: 'dunning.case_opened',
  /** {day, daysUntilGraceEnds, graceUntil, needs: 'nothing'|'new_method'|'confirmation'}: tell the customer, with a link to pay. */
  reminderDue: 'dunning.reminder_due',
  /** {attemptId, number, strategy, dueAt} */
  attemptScheduled: 'dunning.attempt_scheduled',
  /** {attemptId, number, strategy, outcome: 'succeeded'|'failed'|'skipped', lastErrorType, declineCode}; once for each attempt. */
  attempted: 'dunning.attempted',
  /** {declineCode, graceUntil}: the bank wants the customer himself; a link to confirm the payment is to be sent. Once per failed attempt; `attemptId` is null for the very first. */
  actionRequired: 'dunning.action_required',
  /** {declineCode, graceUntil}: nothing will be tried on this method again; another one is needed. Once per failed attempt. */
  methodRequired: 'dunning.method_required',
  /** {paidAt}: paid, by whomever; access never ended, or is back. */
  recovered: 'dunning.recovered',
  /** {graceUntil, endAction: 'cancel'|'mark_unpaid'|'pause', endInvoice: 'void'|'mark_uncollectible'}; both null where the provider has ended it: access has ended. Also the last notice. */
  exhausted: 'dunning.exhausted',
  /** {reason}: closed without being paid and not by us: voided, given up, canceled, paused. */
  closed: 'dunning.closed',
  /** {paidAt}: paid after the end; somebody has to decide what becomes of the money. */
  lateSuccess: 'dunning.late_success',
  /** {attemptId, code}: what became of an attempt could not be learned, or the end could not be carried out, for long. */
  stuck: 'dunning.stuck',
} as const;
