import { Global, Module } from '@nestjs/common';
import { InboxRepository } from './inbox.repository';

@Global()
@Module({ providers: [InboxRepository], exports: [InboxRepository] })
export class InboxModule {}
