import type { FactOrder } from '../../../../shared/fact-order';
import type { CustomerFact, Stored } from '../../../../shared/facts';
import { foldObject, type ObjectState } from '../../../../shared/fold-object';

export type ProviderCustomerState = ObjectState<Stored<CustomerFact>>;

const ORDER: FactOrder<CustomerFact> = {
  phaseOf: ({ kind, payload }) => {
    if (payload.status === 'deleted') return 2;
    return kind === 'customer.created' ? 0 : 1;
  },
  tieOf: () => 0,
};

export function foldProviderCustomer(facts: readonly Stored<CustomerFact>[]): ProviderCustomerState | null {
  return foldObject(facts, ORDER);
}
