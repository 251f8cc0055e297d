/** The evidence of a dispute: texts and files by Stripe's names. */
import type Stripe from 'stripe';
import { invalidRequest, refuseUnsupported } from './errors';
import type { ChargeObject } from './wire';

/** Of all texts together. */
const MOST_CHARACTERS = 150_000;

const files = [
  'cancellation_policy',
  'customer_communication',
  'customer_signature',
  'duplicate_charge_documentation',
  'receipt',
  'refund_policy',
  'service_documentation',
  'shipping_documentation',
  'uncategorized_file',
] as const;

const texts = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_tracking_number',
  'uncategorized_text',
] as const;

/** What Stripe fills in by itself. */
export function blankEvidence(charge: ChargeObject): Stripe.Dispute.Evidence {
  const empty = Object.fromEntries([...files, ...texts].map((name) => [name, null])) as Record<
    (typeof files)[number] | (typeof texts)[number],
    null
  >;
  return {
    ...empty,
    customer_email_address: charge.billing_details.email,
    customer_name: charge.billing_details.name,
    enhanced_evidence: {},
  };
}

/**
 * The evidence after a request; an empty text removes its field. The argument stays as it is.
 *
 * @throws 400 for files, which this sandbox does not keep, and for more text than Stripe takes
 */
export function mergeEvidence(
  current: Stripe.Dispute.Evidence,
  input: Stripe.DisputeUpdateParams.Evidence | undefined,
): Stripe.Dispute.Evidence {
  if (input === undefined) return current;
  refuseUnsupported(input, ['appeal', 'enhanced_evidence']);
  const next = { ...current };
  for (const name of files) {
    const id = input[name];
    if (id === undefined) continue;
    if (id !== '') throw invalidRequest(`No such file upload: '${id}'`, `evidence[${name}]`, 'resource_missing');
    next[name] = null;
  }
  for (const name of texts) {
    const text = input[name];
    if (text !== undefined) next[name] = text === '' ? null : text;
  }
  const length = texts.reduce((total, name) => total + (next[name]?.length ?? 0), 0);
  if (length > MOST_CHARACTERS) {
    throw invalidRequest(
      `The combined character count of all evidence must be at most 150,000 characters; it is ${length}.`,
      'evidence',
    );
  }
  return next;
}
