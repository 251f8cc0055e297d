export { ErasedBodies } from './erased-bodies.service';
export { InboxArchive } from './inbox-archive.service';
export { InboxAcceptance } from './inbox-acceptance';
export {
  INBOX_STATUSES,
  InboxOperationsRepository,
  type InboxEntry,
  type InboxEntryWithBody,
  type InboxFilter,
  type InboxStatus,
} from './inbox-operations.repository';
export { InboxModule } from './inbox.module';
export { isForUndecided, SEEN, undecidedSince } from './internal-types';
export { FOREIGN, InboxRepository, LeaseLostError, READ_REQUEST } from './inbox.repository';
export type {
  AcceptedEvent,
  ClaimedEvent,
  ErrorContext,
  IncomingEvent,
  ReadRequest,
  SettledEvent,
  SettledStatus,
} from './inbox.types';
export { OwnAnswer } from './own-answer.service';
