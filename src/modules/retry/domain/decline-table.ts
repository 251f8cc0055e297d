/**
 * hard: this method will not pay, another is needed. soft: may pass later. authentication: the bank wants the customer
 * himself. fraud: as hard, and the customer is told no more than that the payment failed.
 */
export type DeclineClass = 'hard' | 'soft' | 'authentication' | 'fraud';

interface DeclineEntry {
  class: DeclineClass;
  source: keyof typeof SOURCES;
}

/** Where each list stands. */
export const SOURCES = {
  /** Issuers' declines of cards, in Stripe's words. */
  card: 'https://docs.stripe.com/declines/codes',
  /** Declines by Stripe itself. */
  stripe: 'https://docs.stripe.com/declines#blocked-payments',
  /** Error codes of the API, told where there is no decline code. */
  api: 'https://docs.stripe.com/error-codes',
  /** Debits of bank accounts that came back. */
  debit: 'https://docs.stripe.com/payments/ach-direct-debit#ach-debit-failures',
} as const;

const of = (source: DeclineEntry['source'], kind: DeclineClass, codes: string): [string, DeclineEntry][] =>
  codes.split(/\s+/).map((code) => [code, { class: kind, source }]);

/**
 * Every decline code Stripe documents. What asks for other card data, or another card, is hard for whoever charges without
 * the customer: nothing will change by itself.
 */
export const DECLINE_TABLE: ReadonlyMap<string, DeclineEntry> = new Map([
  ...of('card', 'authentication', 'authentication_required mobile_device_authentication_required'),
  ...of(
    'card',
    'soft',
    `approve_with_id call_issuer card_velocity_exceeded do_not_honor duplicate_transaction generic_decline
     insufficient_funds issuer_not_available no_action_taken pin_try_exceeded processing_error reenter_transaction
     try_again_later withdrawal_count_limit_exceeded`,
  ),
  ...of(
    'card',
    'hard',
    `card_not_supported currency_not_supported do_not_try_again expired_card incorrect_address incorrect_cvc incorrect_number
     incorrect_pin incorrect_zip invalid_account invalid_amount invalid_cvc invalid_expiry_month invalid_expiry_year
     invalid_number invalid_pin new_account_information_available not_permitted offline_pin_required
     online_or_offline_pin_required restricted_card revocation_of_all_authorizations revocation_of_authorization
     security_violation service_not_allowed stop_payment_order testmode_decline transaction_not_allowed`,
  ),
  ...of('card', 'fraud', 'fraudulent lost_card merchant_blacklist pickup_card stolen_card'),
  ...of('stripe', 'fraud', 'elevated_risk_level highest_risk_level previously_declined_card rule'),
  ...of(
    'api',
    'authentication',
    'invoice_payment_intent_requires_action payment_intent_authentication_failure subscription_payment_intent_requires_action',
  ),
  ...of('api', 'soft', 'card_declined'),
  ...of('api', 'hard', 'payment_method_customer_decline payment_method_required payment_method_unactivated'),
  ...of('api', 'soft', 'payment_method_provider_decline payment_method_provider_timeout'),
  ...of(
    'debit',
    'hard',
    `account_closed bank_account_restricted bank_ownership_changed branch_does_not_exist debit_not_authorized
     incorrect_account_holder_name invalid_account_number invalid_currency no_account recipient_deceased`,
  ),
  ...of('debit', 'soft', 'could_not_process'),
]);
