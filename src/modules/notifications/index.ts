export { NotificationsModule } from './notifications.module';
export { OutgoingWebhooksModule } from './outgoing';
