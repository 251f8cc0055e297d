import { business, conflict, type AppError } from '../../shared/app-error';

export const eventUnderWay = (eventId: string): AppError =>
  conflict('TRY_AGAIN', 'A worker has this event in hand at the moment', { eventId });

export const aggregateBusy = (eventId: string): AppError =>
  conflict('TRY_AGAIN', 'Another event of the same customer is being processed at the moment', { eventId });

export const eventBodyExpired = (eventId: string): AppError =>
  business('EVENT_BODY_EXPIRED', 'The body of this event is no longer kept: the provider has to be asked', { eventId });
