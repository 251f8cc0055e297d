import { Module } from '@nestjs/common';
import { AlertsController } from './alerts.controller';
import { ClockController } from './clock.controller';

@Module({ controllers: [ClockController, AlertsController] })
export class AdminModule {}
