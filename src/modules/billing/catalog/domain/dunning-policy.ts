/** How a declined renewal of a plan is followed up. Its grace days are the plan's own. */
export interface DunningPolicy {
  /** Days after the first failure on which the customer is reminded; ascending, 0 is at once. */
  reminderDays: readonly number[];
  /** Hours from one failed attempt to the next, ascending; the last goes on until grace ends. Empty: nothing is tried again. */
  retryDelaysHours: readonly number[];
  /** What becomes of the subscription when grace is over. */
  endAction: EndAction;
  /** What becomes of the invoice then. Of a subscription marked unpaid it stays open: paying it is the way back. */
  endInvoice: EndInvoice;
  /** Attempts half a day and more apart wait for the customer's morning, or for the hour his payments came through before. */
  smartTiming: boolean;
}

export const END_ACTIONS = ['cancel', 'mark_unpaid', 'pause'] as const;
export type EndAction = (typeof END_ACTIONS)[number];
export const END_INVOICES = ['void', 'mark_uncollectible'] as const;
export type EndInvoice = (typeof END_INVOICES)[number];

/** The longest that one attempt may wait for the next. */
export const MAX_RETRY_DELAY_HOURS = 168;
export const MAX_REMINDER_DAY = 90;
export const MAX_STEPS = 20;

/** What a plan has that says nothing else: the one place where the house's own policy stands. */
export const DEFAULT_DUNNING_POLICY: DunningPolicy = {
  reminderDays: [0, 3, 7],
  retryDelaysHours: [1, 2, 4, 8, 16, 24],
  endAction: 'cancel',
  endInvoice: 'mark_uncollectible',
  smartTiming: false,
};

/** What is left out, or undefined, is as by default. */
export type AskedPolicy = { [K in keyof DunningPolicy]?: DunningPolicy[K] | undefined };

export function completePolicy(asked: AskedPolicy): DunningPolicy {
  const { reminderDays, retryDelaysHours, endAction, endInvoice, smartTiming } = asked;
  return {
    reminderDays: reminderDays ?? DEFAULT_DUNNING_POLICY.reminderDays,
    retryDelaysHours: retryDelaysHours ?? DEFAULT_DUNNING_POLICY.retryDelaysHours,
    endAction: endAction ?? DEFAULT_DUNNING_POLICY.endAction,
    endInvoice: endInvoice ?? DEFAULT_DUNNING_POLICY.endInvoice,
    smartTiming: smartTiming ?? DEFAULT_DUNNING_POLICY.smartTiming,
  };
}

/** What is wrong with it, by field; empty where nothing is. Single values are the DTO's part. */
export function policyErrors({ reminderDays, retryDelaysHours }: DunningPolicy): { field: string; message: string }[] {
  const errors: { field: string; message: string }[] = [];
  if (!ascends(reminderDays, true)) errors.push({ field: 'dunning.reminderDays', message: 'must ascend' });
  if (!ascends(retryDelaysHours, false)) {
    errors.push({ field: 'dunning.retryDelaysHours', message: 'must not become shorter' });
  }
  return errors;
}

function ascends(values: readonly number[], strictly: boolean): boolean {
  return values.every((value, i) => {
    const before = values[i - 1];
    return before === undefined || (strictly ? value > before : value >= before);
  });
}
