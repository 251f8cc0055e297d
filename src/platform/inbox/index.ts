export { InboxAcceptance } from './inbox-acceptance';
export { InboxOperationsRepository } from './inbox-operations.repository';
export { InboxModule } from './inbox.module';
export { InboxRepository, LeaseLostError, READ_REQUEST } from './inbox.repository';
export type { AcceptedEvent, ClaimedEvent, ErrorContext, IncomingEvent, SettledStatus } from './inbox.types';
