import { Global, Module } from '@nestjs/common';
import { InboxAcceptance } from './inbox-acceptance';
import { InboxRepository } from './inbox.repository';

@Global()
@Module({ providers: [InboxAcceptance, InboxRepository], exports: [InboxAcceptance, InboxRepository] })
export class InboxModule {}
