import { Module } from '@nestjs/common';
import { GoogleModule } from '../../../providers/google';
import { AcknowledgementProjection } from './acknowledgement-projection.service';
import { AcknowledgementFlow } from './acknowledgement.flow';
import { AcknowledgementsRepository } from './acknowledgements.repository';
import { LateAcknowledgements } from './late-acknowledgements.service';

/** Google's three days: what is granted is acknowledged. */
@Module({
  imports: [GoogleModule],
  providers: [AcknowledgementsRepository, AcknowledgementProjection, AcknowledgementFlow, LateAcknowledgements],
})
export class AcknowledgementsModule {}
