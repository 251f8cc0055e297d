export { AggregateOwners } from './aggregate-owners.service';
export { DryRunService } from './dry-run.service';
export { INBOX_FAILED, type InboxFailedPayload } from './failure.service';
export { BackfillService, type BackfillRequest, type BackfillResult } from './backfill.service';
export { FreshnessService } from './freshness.service';
export { InboxWorker } from './inbox-worker.service';
export { MAX_REPLAY, REPLAYABLE_STATUSES, ReplayService } from './replay.service';
export { WebhooksModule } from './webhooks.module';
