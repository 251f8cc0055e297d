import { notFound, unavailable, validation, type AppError } from '../../shared/app-error';

export const providerNotConfigured = (provider: string): AppError =>
  unavailable('PROVIDER_NOT_CONFIGURED', `${provider} is not configured on this installation`);

export const eventNotFound = (eventId: string): AppError => notFound('EVENT_NOT_FOUND', 'Event not found', { eventId });

export const bodyMissing = (): AppError => validation('INVALID_SIGNATURE', 'There is no body to verify');

/** The event names an object that nobody has told us of yet; its own event may be on the way. */
export const objectUnknown = (objectType: string, objectId: string): AppError =>
  unavailable('OBJECT_UNKNOWN', `Nothing is known yet of ${objectType} ${objectId}`);

export const objectGone = (objectType: string, objectId: string): AppError =>
  validation('OBJECT_GONE', `The provider has no ${objectType} ${objectId}`);

/** On a price of ours, but neither linked nor named by metadata: its customer may be on the way. */
export const customerUnknown = (aggregate: string): AppError =>
  unavailable('CUSTOMER_UNKNOWN', `Nobody of ours is known as ${aggregate} yet`);
