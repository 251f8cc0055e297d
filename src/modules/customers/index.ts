export { CustomersModule } from './customers.module';
export type { Customer } from './customers.repository';
export { CustomersService } from './customers.service';
