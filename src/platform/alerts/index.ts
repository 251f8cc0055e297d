export { AlertsModule } from './alerts.module';
export { Alerts, type Alert, type AlertInput, type AlertSeverity } from './alerts.service';
