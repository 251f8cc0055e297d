export { FactPipeline, type AggregateFacts, type FactProjection, type ProjectionResult } from './fact-pipeline';
export { FactStoreRepository, type ObjectKey } from './fact-store.repository';
export { FactsModule } from './facts.module';
