import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import type { ProviderAdapter } from '../../providers/provider.port';
import { AppleAdapter } from '../../providers/apple';
import { GoogleAdapter } from '../../providers/google';
import { StripeAdapter } from '../../providers/stripe';
import { WiseAdapter } from '../../providers/wise';
import { providerNotConfigured } from './webhooks.errors';

/** The providers that are on in this installation. */
@Injectable()
export class ProviderAdapters {
  private readonly adapters: readonly ProviderAdapter[];

  constructor(stripe: StripeAdapter, apple: AppleAdapter, google: GoogleAdapter, wise: WiseAdapter) {
    this.adapters = [stripe, apple, google, wise];
  }

  on(): readonly ProviderAdapter[] {
    return this.adapters.filter(({ livemode }) => livemode !== null);
  }

  /** Those of them whose objects can be compared with what is stored here, by the hundred. */
  listing(): readonly ProviderAdapter[] {
    return this.on().filter(({ listsObjects }) => listsObjects !== false);
  }

  /** @throws PROVIDER_NOT_CONFIGURED. */
  of(provider: Provider): ProviderAdapter {
    const adapter = this.on().find((candidate) => candidate.provider === provider);
    if (!adapter) throw providerNotConfigured(provider);
    return adapter;
  }
}
