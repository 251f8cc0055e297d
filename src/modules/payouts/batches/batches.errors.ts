import { conflict, notFound, validation, type AppError } from '../../../shared/app-error';

export const batchNotFound = (batchId: string): AppError =>
  notFound('PAYOUT_BATCH_NOT_FOUND', 'Batch of payouts not found', { batchId: batchId.slice(0, 64) });

export const sameFileAgain = (batchId: string): AppError =>
  conflict('DUPLICATE_SUSPECTED', 'The same file came within a day; send it again with confirmDuplicate=true', {
    batchId,
  });

/** @param problem what is wrong with the file as a whole. */
export const fileUnreadable = (problem: string): AppError =>
  validation('INVALID_INPUT', 'The request is not valid', { fields: [{ field: 'body', message: problem }] });
