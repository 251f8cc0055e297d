import type { DeclineClass } from '../../../retry';

/** What the commonest declines mean, for somebody who is on the phone with the customer. */
const BY_CODE: Readonly<Record<string, string>> = {
  insufficient_funds: 'There is not enough money on the account',
  expired_card: 'The card has expired',
  incorrect_cvc: 'The security code is wrong',
  card_velocity_exceeded: 'The card has reached its limit',
  withdrawal_count_limit_exceeded: 'The card has reached its limit',
  do_not_honor: 'The bank has declined without saying why',
  generic_decline: 'The bank has declined without saying why',
  card_declined: 'The bank has declined without saying why',
  processing_error: 'Something went wrong at the bank',
  issuer_not_available: 'The bank could not be reached',
  lost_card: 'The card was reported lost; the customer is not to be told so',
  stolen_card: 'The card was reported stolen; the customer is not to be told so',
  fraudulent: 'The payment is suspected to be fraud; the customer is not to be told so',
  currency_not_supported: 'The card does not take this currency',
  account_closed: 'The bank account is closed',
};

const BY_CLASS: Readonly<Record<DeclineClass, string>> = {
  soft: 'It may go through later',
  hard: 'This method will not pay: another one is needed',
  authentication: 'The bank wants the customer to confirm the payment himself',
  fraud: 'This method will not pay: another one is needed',
};

/** Pure: a decline in plain words, and what it means for the next attempt. */
export function meaningOf(code: string | null, kind: DeclineClass): string {
  const said = code !== null && Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  return said === undefined ? BY_CLASS[kind] : `${said}. ${BY_CLASS[kind]}`;
}
