import { Injectable } from '@nestjs/common';
import type { VerifiedEvent } from '../provider.port';
import { appleAggregate } from './apple-facts';
import { AppleVerifier } from './apple-verifier';
import { signedPayloadOf, type AppleNotification } from './apple-wire';

/** The ingress's half of the App Store: what comes in is verified before it is stored. */
@Injectable()
export class AppleWebhook {
  constructor(private readonly verifier: AppleVerifier) {}

  /**
   * @throws INVALID_SIGNATURE for anything that is not signed by Apple for this app, INVALID_INPUT for a body that is not
   * `{signedPayload}`, SCHEMA_VALIDATION for a signed one that nobody can read, PROVIDER_UNAVAILABLE where Apple ought to
   * send it again.
   */
  async verify(rawBody: Buffer): Promise<VerifiedEvent> {
    return toVerifiedEvent(await this.verifier.notification(signedPayloadOf(rawBody)));
  }
}

/** What an inbox row needs of a verified notification. */
export function toVerifiedEvent(notification: AppleNotification): VerifiedEvent {
  const { transaction, type, subtype } = notification;
  return {
    eventId: notification.id,
    type: subtype === null ? type : `${type}.${subtype}`,
    apiVersion: null,
    livemode: notification.environment === 'Production',
    objectType: transaction && (transaction.expiresDate === undefined ? 'payment' : 'subscription'),
    objectId:
      transaction &&
      (transaction.expiresDate === undefined ? transaction.transactionId : transaction.originalTransactionId),
    aggregate: transaction && appleAggregate(transaction.originalTransactionId),
    occurredAt: new Date(notification.signedDate),
  };
}
