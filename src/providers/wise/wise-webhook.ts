import { Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { AppConfig } from '../../platform/config';
import type { VerifiedEvent } from '../provider.port';
import { readDelivery, type WiseDelivery } from './wise-delivery';
import { wiseNotConfigured } from './wise-errors';
import { readPublicKeys } from './wise-keys';
import { verifyWiseSignature } from './wise-verifier';

/** The headers that say something of a delivery. */
export interface WiseHeaders {
  signature: string | undefined;
  /** `true` of what Wise sends to see whether the address answers. */
  testNotification: string | undefined;
}

/** The ingress's half of Wise: what comes in is verified before it is stored. */
@Injectable()
export class WiseWebhook {
  private readonly keys: readonly KeyObject[] | null;

  /** @throws Error, one sentence, for keys that are none. */
  constructor({ wise }: AppConfig) {
    this.keys = wise ? readPublicKeys(wise.webhookPublicKey) : null;
  }

  /** @throws INVALID_SIGNATURE for anything that Wise has not signed, INVALID_INPUT for a body that is no event. */
  verify({ signature, testNotification }: WiseHeaders, rawBody: Buffer): VerifiedEvent | { test: true } {
    if (!this.keys) throw wiseNotConfigured();
    verifyWiseSignature(rawBody, signature, this.keys);
    return testNotification?.toLowerCase() === 'true' ? { test: true } : toVerifiedEvent(readDelivery(rawBody));
  }
}

/** What an inbox row needs of an event. Whose a transfer is, only the transfer says; no event says that it is a test. */
export function toVerifiedEvent({ eventId, type, version, occurredAt, subject }: WiseDelivery): VerifiedEvent {
  const object = 'transferRef' in subject ? { objectType: 'transfer', objectId: subject.transferRef } : null;
  return {
    ...{ eventId, type, apiVersion: version === '' ? null : version, livemode: true, occurredAt, aggregate: null },
    ...(object ?? { objectType: null, objectId: null }),
  };
}
