export { AggregatesFailedError } from './aggregates-failed.error';
export { FactHistoryRepository, type RecordedFact } from './fact-history.repository';
export {
  FactPipeline,
  type Applied,
  type FactProjection,
  type OwnedAggregate,
  type OwnedFacts,
  type Ownership,
  type ReadAgain,
  type TouchedObject,
} from './fact-pipeline';
export { FactStoreRepository, objectKeyText, type ObjectKey } from './fact-store.repository';
export { FactsModule } from './facts.module';
