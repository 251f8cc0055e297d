import { sameJson } from '../../../../shared/canonical-json';
import type { FactOrder } from '../../../../shared/fact-order';
import type { PaymentMethodFact, PaymentMethodPayload, Stored } from '../../../../shared/facts';
import { foldObject, type ObjectState } from '../../../../shared/fold-object';

export type PaymentMethodState = ObjectState<Stored<PaymentMethodFact>>;

/** A method is attached once, and detached once. */
const ORDER: FactOrder<PaymentMethodFact> = {
  phaseOf: ({ kind, payload }) => {
    if (!isAttached(payload)) return 2;
    return kind === 'payment_method.attached' ? 0 : 1;
  },
  tieOf: () => 0,
};

export function foldPaymentMethod(facts: readonly Stored<PaymentMethodFact>[]): PaymentMethodState | null {
  return foldObject(facts, ORDER);
}

export function isAttached({ customerRef }: Pick<PaymentMethodPayload, 'customerRef'>): boolean {
  return customerRef !== null;
}

export type MethodChange = 'attached' | 'changed' | 'detached';

/** Pure: what has become of the method by what is new; null where that changes nothing, as an echo or a late fact. */
export function changeOf(
  facts: readonly Stored<PaymentMethodFact>[],
  fresh: readonly Stored<PaymentMethodFact>[],
): MethodChange | null {
  const now = foldPaymentMethod(facts);
  if (!now || fresh.length === 0) return null;
  const news = new Set(fresh.map(({ id }) => id));
  const before = foldPaymentMethod(facts.filter(({ id }) => !news.has(id)));
  if (!isAttached(now.payload)) return before && !isAttached(before.payload) ? null : 'detached';
  if (!before) return 'attached';
  return sameJson(before.payload, now.payload) ? null : 'changed';
}
