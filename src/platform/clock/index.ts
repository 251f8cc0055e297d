export { BusinessClock } from './business-clock';
export { ClockOffsetService } from './clock-offset.service';
export { ClockModule } from './clock.module';
