export { DoublePayments } from './doubles/double-payments.service';
export { IAP_EVENTS, type OwnershipConflictPayload, type ProductAddedPayload } from './iap.events';
export { IapModule } from './iap.module';
