export { InboxWorker } from './inbox-worker.service';
export { WebhooksModule } from './webhooks.module';
