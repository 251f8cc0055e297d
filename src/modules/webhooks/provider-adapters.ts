import { Injectable } from '@nestjs/common';
import type { Provider } from '../../shared/facts';
import type { ProviderAdapter } from '../../providers/provider.port';
import { StripeAdapter } from '../../providers/stripe';
import { providerNotConfigured } from './webhooks.errors';

/** The providers that are on in this installation. */
@Injectable()
export class ProviderAdapters {
  private readonly adapters: readonly ProviderAdapter[];

  constructor(stripe: StripeAdapter) {
    this.adapters = [stripe];
  }

  on(): readonly ProviderAdapter[] {
    return this.adapters.filter(({ livemode }) => livemode !== null);
  }

  /** @throws PROVIDER_NOT_CONFIGURED. */
  of(provider: Provider): ProviderAdapter {
    const adapter = this.on().find((candidate) => candidate.provider === provider);
    if (!adapter) throw providerNotConfigured(provider);
    return adapter;
  }
}
