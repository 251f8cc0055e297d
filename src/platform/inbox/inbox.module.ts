import { Global, Module } from '@nestjs/common';
import { ErasedBodies } from './erased-bodies.service';
import { InboxAcceptance } from './inbox-acceptance';
import { InboxArchive } from './inbox-archive.service';
import { InboxOperationsRepository } from './inbox-operations.repository';
import { InboxRepository } from './inbox.repository';

@Global()
@Module({
  providers: [InboxAcceptance, InboxArchive, InboxRepository, InboxOperationsRepository, ErasedBodies],
  exports: [InboxAcceptance, InboxArchive, InboxRepository, InboxOperationsRepository, ErasedBodies],
})
export class InboxModule {}
