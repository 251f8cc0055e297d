import { Module } from '@nestjs/common';
import { WiseModule } from '../../../providers/wise';
import { CustomersModule } from '../../customers';
import { BeneficiariesController } from './beneficiaries.controller';
import { BeneficiariesRepository } from './beneficiaries.repository';
import { BeneficiariesService } from './beneficiaries.service';
import { BeneficiaryCreation } from './beneficiary-create.flow';
import { BeneficiaryRequirements } from './beneficiary-requirements.flow';
import { BeneficiaryUpkeep } from './beneficiary-upkeep.flow';
import { BeneficiaryVault } from './beneficiary-vault.service';

/** Whom payouts go to. */
@Module({
  imports: [CustomersModule, WiseModule],
  controllers: [BeneficiariesController],
  providers: [
    BeneficiariesRepository,
    BeneficiaryVault,
    BeneficiaryRequirements,
    BeneficiaryCreation,
    BeneficiaryUpkeep,
    BeneficiariesService,
  ],
  exports: [BeneficiariesService],
})
export class BeneficiariesModule {}
