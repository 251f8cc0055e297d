import { Injectable } from '@nestjs/common';
import type { VerifiedEvent } from '../provider.port';
import { typeNameOf } from './google-translator';
import { GoogleVerifier } from './google-verifier';
import { readPush, type GoogleNotification } from './google-wire';

/** The ingress's half of Google Play: who pushes is verified before what is pushed is stored. */
@Injectable()
export class GoogleWebhook {
  constructor(private readonly verifier: GoogleVerifier) {}

  /**
   * @throws INVALID_SIGNATURE for anything that the configured account does not push, INVALID_INPUT for a body that is no
   * notification, PROVIDER_UNAVAILABLE where Pub/Sub ought to push it again.
   */
  async verify(authorization: string | undefined, rawBody: Buffer): Promise<VerifiedEvent> {
    await this.verifier.verify(authorization);
    return toVerifiedEvent(readPush(rawBody));
  }
}

/** What an inbox row needs of a notification. Whose it is, only a reading tells; that it is no test, nobody does. */
export function toVerifiedEvent(notification: GoogleNotification): VerifiedEvent {
  const { messageId: eventId, subject, eventTime: occurredAt } = notification;
  const object = 'token' in subject ? { objectType: 'purchase', objectId: subject.token } : null;
  return {
    ...{ eventId, type: typeNameOf(notification), apiVersion: null, livemode: true, occurredAt, aggregate: null },
    ...(object ?? { objectType: null, objectId: null }),
  };
}
