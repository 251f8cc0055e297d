export { INBOX_FAILED, type InboxFailedPayload } from './failure.service';
export { InboxWorker } from './inbox-worker.service';
export { ReplayService } from './replay.service';
export { WebhooksModule } from './webhooks.module';
