import { business, notFound, type AppError } from '../../../shared/app-error';

export const creditNoteNotFound = (creditNoteId: string): AppError =>
  notFound('CREDIT_NOTE_NOT_FOUND', 'Credit note not found', { creditNoteId: creditNoteId.slice(0, 64) });

export const notCreditable = (status: string, target: string): AppError =>
  business('INVALID_STATE_TRANSITION', 'An invoice in this status takes no such credit note', { status, target });

export const creditNoteTooMuch = (): AppError =>
  business('CREDIT_NOTE_EXCEEDS_INVOICE', 'More than is left of the invoice');

export const creditNoteNotVoidable = (status: string): AppError =>
  business('INVALID_STATE_TRANSITION', 'Only a credit note of what is still owed can be voided', { status });

/** @param nearest amounts that can be had instead, in minor units. */
export const creditNoteNotSplittable = (nearest: readonly bigint[]): AppError =>
  business('CREDIT_NOTE_AMOUNT_UNAVAILABLE', 'Tax is rounded by line, and no part of the lines comes to this amount', {
    nearest: nearest.map(Number),
  });
