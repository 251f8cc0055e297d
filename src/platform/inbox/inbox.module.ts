import { Global, Module } from '@nestjs/common';
import { InboxAcceptance } from './inbox-acceptance';
import { InboxOperationsRepository } from './inbox-operations.repository';
import { InboxRepository } from './inbox.repository';

@Global()
@Module({
  providers: [InboxAcceptance, InboxRepository, InboxOperationsRepository],
  exports: [InboxAcceptance, InboxRepository, InboxOperationsRepository],
})
export class InboxModule {}
