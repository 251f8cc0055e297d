import { Module } from '@nestjs/common';
import { BillingModule } from '../billing';
import { LedgerModule } from '../ledger';
import { AlertsController } from './alerts.controller';
import { AuditController } from './audit/audit.controller';
import { AuditRepository } from './audit/audit.repository';
import { ClockController } from './clock.controller';
import { CustomerPageRepository } from './customers/customer-page.repository';
import { CustomerPages } from './customers/customer-page.service';
import { CustomerSearchRepository } from './customers/customer-search.repository';
import { CustomersController } from './customers/customers.controller';
import { TimelineRepository } from './customers/timeline.repository';
import { ErasureModule } from './erasure/erasure.module';

@Module({
  imports: [BillingModule, ErasureModule, LedgerModule],
  controllers: [ClockController, AlertsController, AuditController, CustomersController],
  providers: [CustomerSearchRepository, CustomerPageRepository, TimelineRepository, CustomerPages, AuditRepository],
})
export class AdminModule {}
