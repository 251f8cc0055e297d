import type { AppConfig } from '../../../platform/config';
import { parseNetwork } from './domain/address-policy';
import type { UrlPolicy } from './domain/endpoint-url';

/** Where this installation may send. */
export function urlPolicyOf({ isProduction, outgoing }: AppConfig): UrlPolicy {
  const allowed = outgoing.allowPrivate.map(parseNetwork).filter((network) => network !== null);
  return { httpsOnly: isProduction, allowed };
}
