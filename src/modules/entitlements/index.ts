export { ENTITLEMENTS_UPDATED } from './entitlements.events';
export { EntitlementsModule } from './entitlements.module';
export type { GrantSet } from './entitlements.repository';
export { EntitlementsService } from './entitlements.service';
