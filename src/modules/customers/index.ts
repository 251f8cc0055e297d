export { CustomersModule } from './customers.module';
export type { Customer, TrialUse } from './customers.repository';
export { CustomersService, type OwnerClaim } from './customers.service';
