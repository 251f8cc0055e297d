import { business, conflict, notFound, type AppError } from '../../../shared/app-error';

export const purchaseNotFound = (provider: string, providerId: string): AppError =>
  notFound('PURCHASE_NOT_FOUND', 'Nobody has bought this here', { provider, providerId: providerId.slice(0, 255) });

export const receiverNotFound = (customerId: string): AppError =>
  notFound('CUSTOMER_NOT_FOUND', 'Customer not found', { customerId: customerId.slice(0, 64) });

export const receiverErased = (): AppError =>
  business('CUSTOMER_ERASED', 'Nothing can be given to a customer who has been erased');

export const alreadyHis = (customerId: string): AppError =>
  conflict('PURCHASE_ALREADY_HIS', 'The purchase is that customer’s already', { customerId });
