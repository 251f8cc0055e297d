import type { Provider } from './facts';

/** Lock key of a customer aggregate: the provider and its id of the customer, `stripe:cus_123`. */
export function aggregateOf(provider: Provider, customerRef: string): string {
  return `${provider}:${customerRef}`;
}

/** The customer's id at the provider, as his aggregate names it. */
export function customerRefOf(aggregate: string): string {
  return aggregate.slice(aggregate.indexOf(':') + 1);
}

/** In the place of a customer, for what belongs to none: our own account at a provider. */
export const HOUSE_ACCOUNT = 'house';
