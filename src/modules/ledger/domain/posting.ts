import type { Currency } from '../../../shared/currency';
import type { Provider } from '../../../shared/facts';
import type { AccountCode } from './accounts';
import { draftOf, postingKey, type JournalDraft, type JournalEntry } from './journal';
import { POSTINGS, type PostingType } from './posting-table';

/** Where the money stands that each provider holds for us. */
export const CLEARING_ACCOUNT = {
  stripe: 'stripe.clearing',
  apple: 'apple.clearing',
  google: 'google.clearing',
  wise: 'wise.clearing',
} as const satisfies Record<Provider, AccountCode>;

/** Who collects money for us. */
export type Collector = Exclude<Provider, 'wise'>;

/** @throws Error for a provider that collects none. */
export function collectorOf(provider: Provider): Collector {
  if (provider === 'wise') throw new Error('Wise collects nothing for us');
  return provider;
}

/** What every posting about a provider's object says. */
export interface PostingRef {
  provider: Provider;
  /** The object's id at the provider; part of the key. */
  providerRef: string;
  /** Our id of it. */
  refId: string;
  customerId: string | null;
  currency: Currency;
  occurredAt: Date;
  /** For what can happen to one object more than once. */
  occurrence?: string;
}

/** Wraps the entries of a posting; null when they move nothing. @throws AppError unexpected JOURNAL_UNBALANCED */
export function postingDraft<Type extends PostingType>(
  type: Type,
  ref: PostingRef,
  entries: readonly JournalEntry[],
): JournalDraft<Type> | null {
  const { provider, providerRef, refId, customerId, occurredAt, occurrence } = ref;
  return draftOf({
    type,
    idempotencyKey: postingKey(provider, providerRef, POSTINGS[type].kind, occurrence),
    refId,
    provider,
    occurredAt,
    customerId,
    meta: {},
    entries,
  });
}
