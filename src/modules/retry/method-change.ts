import type { CustomerFact, PaymentMethodFact, Stored, SubscriptionFact } from '../../shared/facts';
import type { TouchedObject } from '../../platform/facts';

/** A means of payment that has not been tried yet. */
export interface MethodChange {
  customerId: string;
  /** At the provider. */
  methodRef: string;
  /** Names this change of it: a card that the network renews keeps its id. */
  version: string;
  at: Date;
}

/** Pure: what new facts say of methods that a declined renewal may be charged to: attached, renewed, or made the default. */
export function methodChanges({ key, customerId, fresh }: TouchedObject): MethodChange[] {
  switch (key.objectType) {
    case 'payment_method':
      return (fresh as readonly Stored<PaymentMethodFact>[]).flatMap((fact) =>
        isUsable(fact) ? [{ customerId, methodRef: key.objectId, version: expiryOf(fact), at: fact.occurredAt }] : [],
      );
    case 'customer':
      return (fresh as readonly Stored<CustomerFact>[]).flatMap(({ before, payload, occurredAt }) =>
        changed(customerId, payload.defaultMethodRef, before?.defaultMethodRef, before !== null, occurredAt),
      );
    case 'subscription':
      return (fresh as readonly Stored<SubscriptionFact>[]).flatMap(({ before, payload, occurredAt }) =>
        changed(customerId, payload.methodRef ?? null, before?.methodRef, before !== null, occurredAt),
      );
    default:
      return [];
  }
}

function changed(
  customerId: string,
  now: string | null,
  before: string | null | undefined,
  isChange: boolean,
  at: Date,
): MethodChange[] {
  if (!isChange || now === null || now === before) return [];
  return [{ customerId, methodRef: now, version: '', at }];
}

/** Attached just now, or its number or its date is another. */
function isUsable({ kind, payload, before }: Stored<PaymentMethodFact>): boolean {
  if (payload.customerRef === null) return false;
  if (kind === 'payment_method.attached') return true;
  if (kind !== 'payment_method.changed' || before === null) return false;
  return payload.last4 !== before.last4 || payload.expYear !== before.expYear || payload.expMonth !== before.expMonth;
}

/** A card that is attached carries none: made the default right after, it is the same change. */
function expiryOf({ kind, payload }: Stored<PaymentMethodFact>): string {
  return kind === 'payment_method.attached' ? '' : `${payload.expYear ?? ''}-${payload.expMonth ?? ''}`;
}
