export { BillingOwnership, type Ownership } from './billing-ownership.service';
export { BillingModule } from './billing.module';
export { CatalogSeedService } from './catalog-seed.service';
