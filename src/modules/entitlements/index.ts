export { accessReason, isLive, resolveAccess, type AccessReason, type Grant } from './domain/resolve-access';
export { EntitlementsResponse, FeatureAccessResponse, toEntitlements } from './dto/entitlements.response.dto';
export { ENTITLEMENTS_UPDATED } from './entitlements.events';
export { EntitlementsModule } from './entitlements.module';
export type { GrantSet } from './entitlements.repository';
export { EntitlementsService } from './entitlements.service';
