import { MirrorKind } from '../mirrors/mirror-kind';
import type { MirrorColumns, OwnedObject } from '../mirrors/mirror-rows.repository';
import { foldProviderCustomer, type ProviderCustomerState } from './domain/fold-provider-customer';

export const PROVIDER_CUSTOMER_MIRROR = new MirrorKind('customer', foldProviderCustomer, providerCustomerRow);

function providerCustomerRow({ key, customerId }: OwnedObject, state: ProviderCustomerState): MirrorColumns {
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    status: state.payload.status,
    provider_method_id: state.payload.defaultMethodRef,
  };
}
