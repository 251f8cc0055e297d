import { Global, Module } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { BusinessClock } from './business-clock';
import { ClockOffsetService } from './clock-offset.service';

@Global()
@Module({
  providers: [BusinessClock, { provide: Clock, useExisting: BusinessClock }, ClockOffsetService],
  exports: [BusinessClock, Clock, ClockOffsetService],
})
export class ClockModule {}
