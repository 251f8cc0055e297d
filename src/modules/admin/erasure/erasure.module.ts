import { Module } from '@nestjs/common';
import { ErasureController } from './erasure.controller';
import { ErasureFlow } from './erasure.flow';
import { ErasureRepository } from './erasure.repository';
import { PersonalDataRepository } from './personal-data.repository';

/** By itself, because a command needs no more of the operators' part. */
@Module({
  controllers: [ErasureController],
  providers: [ErasureFlow, ErasureRepository, PersonalDataRepository],
  exports: [ErasureFlow],
})
export class ErasureModule {}
