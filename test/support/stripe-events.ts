import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { STRIPE_API_VERSION } from '../../src/providers/stripe/stripe-version';
import { fetchAnswer, jsonPost, type Answer } from './http-client';

export interface EventShape {
  id: string;
  object: 'event';
  type: string;
  created: number;
  livemode: boolean;
  api_version: string;
  data: { object: object };
}

/** An event as Stripe would send it, around any object, however absurd. */
export function stripeEvent(type: string, object: object, changes: Partial<EventShape> = {}): EventShape {
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    type,
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    api_version: STRIPE_API_VERSION,
    data: { object },
    ...changes,
  };
}

/** A `Stripe-Signature` header for these bytes. `secondsAgo` below zero signs in the future. */
export function stripeSignature(body: string, secret: string, secondsAgo = 0): string {
  const timestamp = Math.floor(Date.now() / 1000) - secondsAgo;
  return Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
}

/** Posts these bytes with this header; without one, unsigned. */
export function postWebhook(url: string, body: string, signature?: string): Promise<Answer> {
  return fetchAnswer(url, jsonPost(body, signature === undefined ? {} : { 'stripe-signature': signature }));
}
