import { notFound, type AppError } from '../../../shared/app-error';

/** The id as the caller gave it, but not any length of it. */
export const customerNotFound = (customerId: string): AppError =>
  notFound('CUSTOMER_NOT_FOUND', 'Customer not found', { customerId: customerId.slice(0, 64) });
