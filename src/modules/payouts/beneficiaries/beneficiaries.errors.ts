import { conflict, notFound, unavailable, type AppError } from '../../../shared/app-error';

export const beneficiaryNotFound = (beneficiaryId: string): AppError =>
  notFound('BENEFICIARY_NOT_FOUND', 'Beneficiary not found', { beneficiaryId: beneficiaryId.slice(0, 64) });

export const customerNotFound = (): AppError => notFound('CUSTOMER_NOT_FOUND', 'Customer not found');

/** The same account under another name, or of another customer: somebody has to look which of the two is right. */
export const beneficiaryExists = (beneficiaryId: string): AppError =>
  conflict('BENEFICIARY_EXISTS', 'There is a beneficiary with this account already, under another name or customer', {
    beneficiaryId,
  });

export const beneficiaryInUse = (beneficiaryId: string): AppError =>
  conflict('BENEFICIARY_IN_USE', 'A payout to this beneficiary is under way; end it before', { beneficiaryId });

export const beneficiaryInProgress = (): AppError =>
  conflict('REQUEST_IN_PROGRESS', 'This account is just being added; try again in a moment');

/** The key it was sealed under has been taken out of the settings. */
export const beneficiaryUnreadable = (): AppError =>
  unavailable('BENEFICIARY_UNREADABLE', 'None of ENCRYPTION_KEYS opens this beneficiary');
