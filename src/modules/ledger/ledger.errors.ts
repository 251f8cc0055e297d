import { notFound, validation, type AppError } from '../../shared/app-error';

/** The code as the caller gave it, but not any length of it. */
export const accountNotFound = (account: string): AppError =>
  notFound('ACCOUNT_NOT_FOUND', 'The chart of accounts has no such account', { account: account.slice(0, 64) });

export const reportNotPossible = (message: string): AppError => validation('REPORT_NOT_POSSIBLE', message);
