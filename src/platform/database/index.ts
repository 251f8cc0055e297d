export { lockAggregate, tryLockAggregates } from './advisory-lock';
export { Batcher, type BatcherOptions } from './batcher';
export { binaryByteaArray } from './binary-array';
export { retryWhileBusy } from './busy-retry';
export { cursorBatches } from './cursor';
export {
  isContention,
  isDatabaseUnavailable,
  isDataException,
  isRowsFault,
  isUniqueViolation,
} from './database-errors';
export { DatabaseModule, PG_POOL } from './database.module';
export { failureClassOfError } from './failure-class';
export { createPool } from './pg-pool';
export { PrismaService, type Tx } from './prisma.service';
export { Snapshots, type Snapshot } from './snapshot';
export { takeSweepTurn, takeSweepTurns, type SweptPage } from './sweep-turn';
export { UnitOfWork } from './unit-of-work';
export { UserQuery } from './user-query';
