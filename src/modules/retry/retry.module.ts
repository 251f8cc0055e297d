import { Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../../platform/config';
import { BillingModule } from '../billing';
import { AttemptsRepository } from './attempts.repository';
import { CaseDerivationRepository } from './case-derivation.repository';
import { CaseDesk } from './case-desk.service';
import { CaseWorkRepository } from './case-work.repository';
import { CasesRepository } from './cases.repository';
import { DunningCallsFlow } from './dunning-calls.flow';
import { DunningCases } from './dunning-cases.service';
import { DunningCronController } from './dunning-cron.controller';
import { DunningJob } from './dunning-job.service';
import { DunningPlanner } from './dunning-planner.service';
import { DunningProjection } from './dunning-projection.service';
import { DunningWorker } from './dunning-worker.service';
import { NewMethods } from './new-methods.service';
import { RecoveryChargeFlow } from './recovery-charge.flow';
import { RecoveryCases } from './recovery-cases.service';
import { RetryController } from './retry.controller';
import { PaymentRetryProcessor } from './retry.processor';

@Module({})
export class RetryModule {
  static register(config: AppConfig): DynamicModule {
    return {
      module: RetryModule,
      imports: [BillingModule],
      controllers: [RetryController, DunningCronController],
      providers: [
        CaseDerivationRepository,
        CaseWorkRepository,
        CasesRepository,
        AttemptsRepository,
        DunningCases,
        DunningProjection,
        NewMethods,
        DunningPlanner,
        DunningCallsFlow,
        RecoveryChargeFlow,
        DunningWorker,
        DunningJob,
        CaseDesk,
        RecoveryCases,
        ...(config.role === 'api' ? [] : [PaymentRetryProcessor]),
      ],
      exports: [CaseDesk, DunningJob, DunningWorker, RecoveryCases],
    };
  }
}
