import { Global, Module } from '@nestjs/common';
import { FactPipeline } from './fact-pipeline';
import { FactStoreRepository } from './fact-store.repository';

@Global()
@Module({ providers: [FactStoreRepository, FactPipeline], exports: [FactStoreRepository, FactPipeline] })
export class FactsModule {}
