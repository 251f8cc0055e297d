import { OwnAnswer } from './own-answer.service';
import { Global, Module } from '@nestjs/common';
import { ErasedBodies } from './erased-bodies.service';
import { InboxAcceptance } from './inbox-acceptance';
import { InboxArchive } from './inbox-archive.service';
import { InboxOperationsRepository } from './inbox-operations.repository';
import { InboxRepository } from './inbox.repository';

@Global()
@Module({
  providers: [InboxAcceptance, InboxArchive, InboxRepository, InboxOperationsRepository, ErasedBodies, OwnAnswer],
  exports: [InboxAcceptance, InboxArchive, InboxRepository, InboxOperationsRepository, ErasedBodies, OwnAnswer],
})
export class InboxModule {}
