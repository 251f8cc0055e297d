const GONE_WELL = {
  event: 'Tried again: the event was handled',
  comparison: 'Compared again: the difference is gone, or finance has ignored it',
  payment: 'Tried again: the invoice is paid',
} as const;
const GONE_WRONG = {
  event: 'Tried again: the event could not be handled',
  comparison: 'Compared again: the difference is still there',
  payment: 'Tried again: the payment did not go through',
} as const;

/** Pure: what a ticket is told of the end of its retry. @param code never a person's words, an error's or a decline's. */
export function retryEnded(kind: keyof typeof GONE_WELL, succeeded: boolean, code: string | null): string {
  if (succeeded) return GONE_WELL[kind];
  return code === null ? GONE_WRONG[kind] : `${GONE_WRONG[kind]} (${code})`;
}
