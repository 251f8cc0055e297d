import { Global, Module } from '@nestjs/common';
import { FactHistoryRepository } from './fact-history.repository';
import { FactPipeline } from './fact-pipeline';
import { FactStoreRepository } from './fact-store.repository';

@Global()
@Module({
  providers: [FactStoreRepository, FactHistoryRepository, FactPipeline],
  exports: [FactStoreRepository, FactHistoryRepository, FactPipeline],
})
export class FactsModule {}
