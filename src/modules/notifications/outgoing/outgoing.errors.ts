import { business, conflict, notFound, type AppError } from '../../../shared/app-error';

export const endpointNotFound = (endpointId: string): AppError =>
  notFound('WEBHOOK_ENDPOINT_NOT_FOUND', 'Webhook endpoint not found', { endpointId: endpointId.slice(0, 64) });

export const deliveryNotFound = (deliveryId: string): AppError =>
  notFound('WEBHOOK_DELIVERY_NOT_FOUND', 'Webhook delivery not found', { deliveryId: deliveryId.slice(0, 64) });

export const endpointDisabled = (endpointId: string): AppError =>
  business('WEBHOOK_ENDPOINT_DISABLED', 'The endpoint is disabled: enable it first', { endpointId });

export const tooManyEndpoints = (limit: number): AppError =>
  conflict('TOO_MANY_WEBHOOK_ENDPOINTS', 'There are as many endpoints as there may be', { limit });
