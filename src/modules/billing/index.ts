export { BillingOwnership, type Ownership } from './billing-ownership.service';
export { BILLING_EVENTS } from './billing.events';
export { BillingModule } from './billing.module';
export { CatalogSeedService } from './catalog-seed.service';
export type { Comparison, Sighting } from './domain/same-state';
export { MirrorFreshness } from './mirror-freshness.service';
export { MirrorInvariant, type MirrorCheck } from './mirror-invariant.service';
