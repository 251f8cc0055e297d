import { Module } from '@nestjs/common';
import { PayoutLimitsRepository } from './payout-limits.repository';
import { PayoutPolicyController } from './payout-policy.controller';
import { PayoutPolicy } from './payout-policy.service';
import { PayoutRulesRepository } from './payout-rules.repository';
import { PolicyDesk } from './policy-desk.service';

/** Who may approve how much, and what no payout may be. */
@Module({
  controllers: [PayoutPolicyController],
  providers: [PayoutLimitsRepository, PayoutRulesRepository, PolicyDesk, PayoutPolicy],
  exports: [PayoutPolicy],
})
export class PayoutPolicyModule {}
