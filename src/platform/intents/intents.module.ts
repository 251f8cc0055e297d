import { Global, Module } from '@nestjs/common';
import { IntentRepository } from './intent.repository';
import { Intents } from './intents.service';

@Global()
@Module({ providers: [IntentRepository, Intents], exports: [Intents] })
export class IntentsModule {}
