/**
 * Stripe's test cards (https://docs.stripe.com/testing): what each number and token does. A behaviour has a name so
 * that it can also be given to a card later.
 */
export interface Decline {
  readonly code: string;
  readonly declineCode: string;
  readonly message: string;
  readonly advice: 'try_again_later' | 'do_not_try_again' | 'confirm_card_data';
}

const declined = 'Your card was declined.';

export const declines = {
  generic_decline: { code: 'card_declined', message: declined, advice: 'try_again_later' },
  insufficient_funds: {
    code: 'card_declined',
    message: 'Your card has insufficient funds.',
    advice: 'try_again_later',
  },
  lost_card: { code: 'card_declined', message: declined, advice: 'do_not_try_again' },
  stolen_card: { code: 'card_declined', message: declined, advice: 'do_not_try_again' },
  fraudulent: { code: 'card_declined', message: declined, advice: 'do_not_try_again' },
  card_velocity_exceeded: {
    code: 'card_declined',
    message: 'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    advice: 'try_again_later',
  },
  expired_card: { code: 'expired_card', message: 'Your card has expired.', advice: 'confirm_card_data' },
  incorrect_cvc: {
    code: 'incorrect_cvc',
    message: "Your card's security code is incorrect.",
    advice: 'confirm_card_data',
  },
  processing_error: {
    code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
    advice: 'try_again_later',
  },
  account_closed: {
    code: 'account_closed',
    message: 'The bank account has been closed.',
    advice: 'do_not_try_again',
  },
  no_account: {
    code: 'no_account',
    message: 'The bank account could not be located.',
    advice: 'do_not_try_again',
  },
  debit_not_authorized: {
    code: 'debit_not_authorized',
    message: 'The customer has notified their bank that this debit was not authorized.',
    advice: 'do_not_try_again',
  },
} as const;

export type DeclineCode = keyof typeof declines;

/** How a card behaves; see {@link behaviorOf} for what each means at an attempt. */
export type CardBehavior =
  | 'succeeds'
  | DeclineCode
  | 'authentication_required'
  | 'authentication_once'
  | 'authentication_on_session'
  | 'authenticated_then_insufficient_funds';

interface TestCard {
  readonly number: string;
  readonly brand: string;
  readonly behavior: CardBehavior;
  /** The card can be saved although charges on it fail. */
  readonly attaches: boolean;
  readonly token: string;
}

const card = (token: string, number: string, behavior: CardBehavior, brand = 'visa', attaches = false): TestCard => ({
  number,
  brand,
  behavior,
  attaches,
  token,
});

export const testCards: readonly TestCard[] = [
  card('pm_card_visa', '4242424242424242', 'succeeds'),
  card('pm_card_visa_debit', '4000056655665556', 'succeeds'),
  card('pm_card_mastercard', '5555555555554444', 'succeeds', 'mastercard'),
  card('pm_card_amex', '378282246310005', 'succeeds', 'amex'),
  card('pm_card_discover', '6011111111111117', 'succeeds', 'discover'),
  card('pm_card_visa_chargeDeclined', '4000000000000002', 'generic_decline'),
  card('pm_card_visa_chargeDeclinedInsufficientFunds', '4000000000009995', 'insufficient_funds'),
  card('pm_card_visa_chargeDeclinedLostCard', '4000000000009987', 'lost_card'),
  card('pm_card_visa_chargeDeclinedStolenCard', '4000000000009979', 'stolen_card'),
  card('pm_card_chargeDeclinedExpiredCard', '4000000000000069', 'expired_card'),
  card('pm_card_chargeDeclinedIncorrectCvc', '4000000000000127', 'incorrect_cvc'),
  card('pm_card_chargeDeclinedProcessingError', '4000000000000119', 'processing_error'),
  card('pm_card_visa_chargeDeclinedVelocityLimitExceeded', '4000000000006975', 'card_velocity_exceeded'),
  card('pm_card_radarBlock', '4100000000000019', 'fraudulent'),
  card('pm_card_chargeCustomerFail', '4000000000000341', 'generic_decline', 'visa', true),
  card('pm_card_authenticationRequiredOnSetup', '4000002500003155', 'authentication_once'),
  card('pm_card_authenticationRequired', '4000002760003184', 'authentication_required'),
  card('pm_card_threeDSecure2Required', '4000000000003220', 'authentication_required'),
  card('pm_card_authenticationRequiredSetupForOffSession', '4000003800000446', 'authentication_on_session'),
  card(
    'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
    '4000008260003178',
    'authenticated_then_insufficient_funds',
  ),
  // What follows their payments is told in `card-sequels.ts`.
  card('pm_card_createDispute', '4000000000000259', 'succeeds'),
  card('pm_card_createDisputeProductNotReceived', '4000000000002685', 'succeeds'),
  card('pm_card_createDisputeInquiry', '4000000000001976', 'succeeds'),
  card('pm_card_createIssuerFraudRecord', '4000000000005423', 'succeeds'),
  card('pm_card_refundFail', '4000000000005126', 'succeeds'),
  card('pm_card_pendingRefund', '4000000000007726', 'succeeds'),
  card('pm_card_bypassPending', '4000000000000077', 'succeeds'),
];

/** Other spellings of the same tokens, as Stripe's page and older examples have them. */
const aliases: Readonly<Record<string, string>> = {
  pm_card_chargeDeclined: 'pm_card_visa_chargeDeclined',
  pm_card_chargeDeclinedInsufficientFunds: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  pm_card_chargeDeclinedLostCard: 'pm_card_visa_chargeDeclinedLostCard',
  pm_card_chargeDeclinedStolenCard: 'pm_card_visa_chargeDeclinedStolenCard',
  pm_card_visa_chargeDeclinedExpiredCard: 'pm_card_chargeDeclinedExpiredCard',
  pm_card_visa_chargeDeclinedIncorrectCvc: 'pm_card_chargeDeclinedIncorrectCvc',
  pm_card_visa_chargeDeclinedProcessingError: 'pm_card_chargeDeclinedProcessingError',
  pm_card_us: 'pm_card_visa',
  tok_visa: 'pm_card_visa',
  tok_mastercard: 'pm_card_mastercard',
  tok_chargeDeclined: 'pm_card_visa_chargeDeclined',
  tok_chargeCustomerFail: 'pm_card_chargeCustomerFail',
};

/** A test card by number (spaces and dashes allowed), `pm_card_…` or `tok_…`; undefined when there is none. */
export function findTestCard(reference: string): TestCard | undefined {
  const digits = reference.replace(/[\s-]/g, '');
  const token = aliases[reference] ?? reference;
  return testCards.find((known) => known.number === digits || known.token === token);
}

export type { TestCard };

/** What happens at one attempt. `authenticate` asks the cardholder; `after` is what the bank says then. */
export type AttemptOutcome =
  | { readonly kind: 'success' }
  | { readonly kind: 'decline'; readonly decline: Decline }
  | { readonly kind: 'authenticate'; readonly after: AttemptOutcome }
  /** A debit is on its way; how it ends shows in days. */
  | { readonly kind: 'process' };

export interface AttemptSituation {
  /** The cardholder is not there. */
  readonly offSession: boolean;
  /** Money is asked for; false when a card is only saved. */
  readonly charge: boolean;
  /** The cardholder has once authenticated this card for later use. */
  readonly setUp: boolean;
  /** The card can be saved although charges fail. */
  readonly attaches: boolean;
}

const success: AttemptOutcome = { kind: 'success' };

function declineOutcome(code: DeclineCode): AttemptOutcome {
  return { kind: 'decline', decline: { ...declines[code], declineCode: code } };
}

/** The outcome of one attempt with a card of the given behaviour. */
export function behaviorOf(behavior: CardBehavior, situation: AttemptSituation): AttemptOutcome {
  switch (behavior) {
    case 'succeeds':
      return success;
    case 'authentication_required':
      return { kind: 'authenticate', after: success };
    case 'authentication_once':
      return situation.setUp && situation.offSession ? success : { kind: 'authenticate', after: success };
    case 'authentication_on_session':
      return situation.offSession ? success : { kind: 'authenticate', after: success };
    case 'authenticated_then_insufficient_funds':
      return {
        kind: 'authenticate',
        after: situation.charge ? declineOutcome('insufficient_funds') : success,
      };
    default:
      return !situation.charge && situation.attaches ? success : declineOutcome(behavior);
  }
}
