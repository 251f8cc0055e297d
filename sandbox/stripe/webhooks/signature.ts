import { createHmac } from 'node:crypto';

/**
 * The `Stripe-Signature` header: one `v1` per secret, of which there are two while a rotation is under way.
 * https://docs.stripe.com/webhooks#verify-manually
 * @param at wall time in Unix seconds, because the receiver compares it with its own wall clock.
 */
export function signatureHeader(payload: string, secrets: readonly string[], at: number): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${at}.${payload}`).digest('hex')}`,
  );
  return [`t=${at}`, ...signatures].join(',');
}
