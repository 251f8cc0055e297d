import { Global, Module } from '@nestjs/common';
import { Alerts } from './alerts.service';

@Global()
@Module({ providers: [Alerts], exports: [Alerts] })
export class AlertsModule {}
