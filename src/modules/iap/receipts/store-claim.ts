import type { AppleClaim } from './apple-receipts.flow';
import type { GoogleClaim } from './google-receipts.flow';

/** What an app shows for a purchase. */
export type StoreClaim = ({ store: 'apple' } & AppleClaim) | ({ store: 'google' } & GoogleClaim);
