export { BreakDesk } from './break-desk.service';
export type { RunCounts } from './domain/run-totals';
export { maySettle, type Violation } from './invariants/domain/violation';
export { LedgerInvariants } from './invariants/ledger-invariants.service';
export { LedgerVerification, type Checked, type Verification } from './proof/ledger-verification.service';
export { ReconciliationFlow, type Progress } from './reconciliation.flow';
export { RECONCILIATION_EVENTS, type BreakOpenedPayload, type BreakSettledPayload } from './reconciliation.events';
export { ReconciliationModule } from './reconciliation.module';
export { ReconciliationRuns, type RunRequest } from './reconciliation-runs.service';
