export {
  FactPipeline,
  type AggregateFacts,
  type FactProjection,
  type OwnedAggregate,
  type ProjectionResult,
} from './fact-pipeline';
export { FactStoreRepository, type ObjectKey } from './fact-store.repository';
export { FactsModule } from './facts.module';
