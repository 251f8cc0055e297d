import { BatchApprovalFlow } from './batch-approval.flow';
import { BatchDesk } from './batch-desk.service';
import { BatchSeal } from './batch-seal.service';
import { BatchWorker } from './batch-worker.flow';
import { BatchesController } from './batches.controller';
import { BatchesRepository } from './batches.repository';

/** Files of payouts, for the module of payouts to be made of. */
export const BATCH_PROVIDERS = [BatchesRepository, BatchSeal, BatchDesk, BatchWorker, BatchApprovalFlow];
export const BATCH_CONTROLLERS = [BatchesController];
