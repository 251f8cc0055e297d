export { DryRunService, type DryRun } from './dry-run.service';
export { INBOX_FAILED, type InboxFailedPayload } from './failure.service';
export { InboxWorker } from './inbox-worker.service';
export { MAX_REPLAY, REPLAYABLE_STATUSES, ReplayService } from './replay.service';
export { WebhooksModule } from './webhooks.module';
