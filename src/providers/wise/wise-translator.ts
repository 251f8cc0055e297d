import type { TransferState } from '../../shared/transfer-payloads';
import type { Translation, UnplacedFact } from '../provider.port';
import type { WiseDelivery } from './wise-delivery';
import { movedAt } from './wise-movements';
import { transferStateOf } from './wise-wire';

/**
 * What an event means. A transfer's says itself what it has come to; whose it is, the transfer says. Of a balance it says too little:
 * the statement around that moment is looked at. Pure.
 */
export function translateWiseDelivery(delivery: WiseDelivery, ourProfile: string): Translation {
  const { subject, profileRef, occurredAt } = delivery;
  // Whoever has set the subscription up sends us what is another profile's: somebody must look at it.
  if (profileRef !== null && profileRef !== ourProfile) {
    return { kind: 'ignored', reason: 'about another profile', alert: true };
  }
  switch (subject.kind) {
    case 'state': {
      const [state, previous] = [transferStateOf(subject.current), transferStateOf(subject.previous)];
      return state === null ? read(subject.transferRef) : changed(delivery, subject.transferRef, { state, previous });
    }
    case 'failure': {
      const fact: UnplacedFact = {
        ...about(delivery, subject.transferRef),
        ...{ kind: 'transfer.failed', payload: { failureCode: subject.code }, before: null },
      };
      return { kind: 'unplaced', via: { objectType: 'transfer', objectId: subject.transferRef }, facts: [fact] };
    }
    case 'balance':
      return { kind: 'read', objectType: 'deposit', objectId: movedAt(subject.currency, occurredAt) };
    case 'reread':
      return read(subject.transferRef);
    case 'unknown':
      return { kind: 'ignored', reason: 'nothing that it tells means anything to us' };
  }
}

function read(objectId: string): Translation {
  return { kind: 'read', objectType: 'transfer', objectId };
}

function changed(
  delivery: WiseDelivery,
  transferRef: string,
  { state, previous }: { state: TransferState; previous: TransferState | null },
): Translation {
  const fact: UnplacedFact = {
    ...about(delivery, transferRef),
    ...{ kind: 'transfer.changed', payload: { state }, before: previous && { state: previous } },
  };
  return { kind: 'unplaced', via: { objectType: 'transfer', objectId: transferRef }, facts: [fact] };
}

function about({ eventId: sourceId, occurredAt }: WiseDelivery, objectId: string) {
  return { provider: 'wise', objectType: 'transfer', objectId, occurredAt, sourceId } as const;
}
