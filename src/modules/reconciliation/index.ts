export type { RunCounts } from './domain/run-totals';
export { ReconciliationFlow, type Progress } from './reconciliation.flow';
export { RECONCILIATION_EVENTS, type BreakOpenedPayload } from './reconciliation.events';
export { ReconciliationModule } from './reconciliation.module';
export { ReconciliationRuns, type RunRequest } from './reconciliation-runs.service';
