import type { FraudRule } from './rule';

const HOUR = 3_600;
const DAY = 86_400;

const rule = (
  key: string,
  values: Pick<FraudRule, 'description' | 'signal' | 'threshold' | 'outcome' | 'priority'> & Partial<FraudRule>,
): FraudRule => ({ windowSeconds: null, currency: null, maxAmount: null, active: true, ...values, key });

/** What a new installation begins with. An operator's change is never written over, so a key never changes its meaning. */
export const DEFAULT_RULES: readonly FraudRule[] = [
  rule('failures_customer_hour', {
    description: 'One customer is declined ten times within an hour',
    signal: 'failures_of_customer',
    ...{ windowSeconds: HOUR, threshold: 10, outcome: 'block', priority: 10 },
  }),
  rule('failures_card_day', {
    description: 'One card is declined ten times within a day, whoever tries it',
    signal: 'failures_of_card',
    ...{ windowSeconds: DAY, threshold: 10, outcome: 'block', priority: 20 },
  }),
  rule('failures_ip_hour', {
    description: 'Thirty declines within an hour from one address, over all its customers',
    signal: 'failures_of_ip',
    ...{ windowSeconds: HOUR, threshold: 30, outcome: 'block', priority: 30 },
  }),
  rule('cards_customer_hour', {
    description: 'One customer tries ten different cards within an hour',
    signal: 'cards_of_customer',
    ...{ windowSeconds: HOUR, threshold: 10, outcome: 'block', priority: 40 },
  }),
  rule('cards_customer_day', {
    description: 'One customer tries five different cards within a day',
    signal: 'cards_of_customer',
    ...{ windowSeconds: DAY, threshold: 5, outcome: 'review', priority: 50 },
  }),
  rule('cards_ip_hour', {
    description: 'Twenty different cards within an hour from one address',
    signal: 'cards_of_ip',
    ...{ windowSeconds: HOUR, threshold: 20, outcome: 'block', priority: 60 },
  }),
  rule('setups_customer_hour', {
    description: 'One customer begins to add a card thirty times within an hour',
    signal: 'setups_of_customer',
    ...{ windowSeconds: HOUR, threshold: 30, outcome: 'block', priority: 70 },
  }),
  rule('small_failures_house', {
    description: 'Fifty declines of up to 5 dollars within ten minutes, over the whole house',
    signal: 'small_failures_of_house',
    ...{ windowSeconds: 600, threshold: 50, currency: 'USD', maxAmount: 500, outcome: 'review', priority: 80 },
  }),
  rule('refunds_customer_quarter', {
    description: 'One customer is given money back three times within 90 days',
    signal: 'refunds_of_customer',
    ...{ windowSeconds: 90 * DAY, threshold: 3, outcome: 'review', priority: 90 },
  }),
  rule('amount_customer', {
    description: "Ten times the customer's usual amount of the last half year",
    signal: 'amount_vs_customer',
    ...{ windowSeconds: 180 * DAY, threshold: 10, outcome: 'review', priority: 100 },
  }),
  rule('amount_house', {
    description: "A hundred times the house's usual amount of the last 30 days",
    signal: 'amount_vs_house',
    ...{ windowSeconds: 30 * DAY, threshold: 100, outcome: 'review', priority: 110 },
  }),
  rule('amount_usd', {
    description: '10,000 dollars or more',
    signal: 'amount',
    ...{ threshold: 1_000_000, currency: 'USD', outcome: 'review', priority: 120 },
  }),
  rule('country_billing', {
    description: "The card comes from another country than the customer's billing address",
    signal: 'card_country_vs_billing',
    ...{ threshold: 1, outcome: 'review', priority: 130 },
  }),
  rule('country_request', {
    description: 'The card comes from another country than the request; needs COUNTRY_HEADER',
    signal: 'card_country_vs_request',
    ...{ threshold: 1, outcome: 'review', priority: 140, active: false },
  }),
];
