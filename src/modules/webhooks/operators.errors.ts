import { business, conflict, type AppError } from '../../shared/app-error';
import { invalidInput } from '../../platform/http';

export const eventUnderWay = (eventId: string): AppError =>
  conflict('TRY_AGAIN', 'A worker has this event in hand at the moment', { eventId });

export const eventBodyExpired = (eventId: string): AppError =>
  business('EVENT_BODY_EXPIRED', 'The body of this event is no longer kept: the provider has to be asked', { eventId });

export const filterEmpty = (): AppError =>
  invalidInput([
    {
      field: 'body',
      message: 'must name at least one of provider, type, status, objectId, aggregate, receivedFrom, receivedTo',
    },
  ]);
