import { randomBytes } from 'node:crypto';
import type { AuthSettings } from './kassa-api';

/** The moment at which the sandbox's clock stands when the story begins. */
export const START = new Date('2027-01-04T09:00:00Z');

/** Dice of the sandbox: its ids, and which events are sent twice or held back. */
export const SEED = 20270104;

/** Dice of the replays: one whose batches are small, so that there is much to crash. */
export const VERIFY_SEED = 42;

/** Every third event twice, half of them out of order. */
export const CHAOS = {
  webhooks: [
    { fault: 'duplicate', rate: 0.35 },
    { fault: 'reorder', rate: 0.5 },
  ],
};

/** The shop that customers are sent back to. Nothing is listening there, and nothing needs to. */
export const SHOP = 'https://shop.example';

export interface Secrets {
  readonly auth: AuthSettings;
  readonly webhook: string;
  readonly cron: string;
  readonly stripeKey: string;
  readonly encryption: string;
}

/** New ones for every run. */
export function newSecrets(): Secrets {
  const secret = (): string => randomBytes(48).toString('base64url');
  return {
    auth: { secret: secret(), issuer: 'https://auth.shop.example', audience: 'kassa' },
    webhook: `whsec_${secret()}`,
    cron: secret(),
    stripeKey: `sk_test_${randomBytes(24).toString('hex')}`,
    encryption: randomBytes(32).toString('base64'),
  };
}
