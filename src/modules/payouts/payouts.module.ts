import { Module } from '@nestjs/common';
import { WiseModule } from '../../providers/wise';
import { LedgerModule } from '../ledger';
import { BATCH_CONTROLLERS, BATCH_PROVIDERS } from './batches';
import { BeneficiariesModule } from './beneficiaries/beneficiaries.module';
import { PayoutApproveFlow } from './payout-approve.flow';
import { PayoutEndFlow } from './payout-end.flow';
import { PayoutOwnership } from './payout-ownership.service';
import { PayoutPrepareFlow } from './payout-prepare.flow';
import { PayoutRecord } from './payout-record.service';
import { PayoutStepsFlow } from './payout-steps.flow';
import { PayoutWorkRepository } from './payout-work.repository';
import { PayoutWorker } from './payout-worker.service';
import { PayoutsController } from './payouts.controller';
import { PayoutsProjection } from './payouts-projection.service';
import { PayoutsRepository } from './payouts.repository';
import { PayoutPolicyModule } from './policy/payout-policy.module';
import { TransfersRepository } from './transfers.repository';

@Module({
  imports: [WiseModule, LedgerModule, BeneficiariesModule, PayoutPolicyModule],
  controllers: [PayoutsController, ...BATCH_CONTROLLERS],
  providers: [
    PayoutsRepository,
    PayoutWorkRepository,
    TransfersRepository,
    PayoutOwnership,
    PayoutRecord,
    PayoutsProjection,
    PayoutPrepareFlow,
    PayoutApproveFlow,
    PayoutStepsFlow,
    PayoutEndFlow,
    PayoutWorker,
    ...BATCH_PROVIDERS,
  ],
  exports: [PayoutOwnership, PayoutWorker, PayoutPrepareFlow, PayoutApproveFlow],
})
export class PayoutsModule {}
