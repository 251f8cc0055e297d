import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { CustomerFact, FactObjectType, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { foldColumns } from '../domain/fold-object';
import { MirrorRows, type MirrorColumns, type OwnedObject } from '../mirror-rows.repository';
import { foldProviderCustomer, type ProviderCustomerState } from './domain/fold-provider-customer';

/** Providers' customers: which method is charged where a subscription names none. */
@Injectable()
export class ProviderCustomerProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['customer'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly rows: MirrorRows,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const folded = objects.flatMap((object) => {
      const state = foldProviderCustomer(object.facts as readonly Stored<CustomerFact>[]);
      return state ? [{ object, state }] : [];
    });
    const rows = folded.map(({ object, state }) => providerCustomerRow(object, state));
    await this.rows.write(tx, 'customer', rows);
    return folded.flatMap(({ object: { key, aggregate }, state }) => (state.undecided ? [{ key, aggregate }] : []));
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return foldProviderCustomer(facts as readonly Stored<CustomerFact>[])?.undecided ?? true;
  }
}

export function providerCustomerRow({ key, customerId }: OwnedObject, state: ProviderCustomerState): MirrorColumns {
  return {
    customer_id: customerId,
    provider: key.provider,
    provider_id: key.objectId,
    status: state.payload.status,
    provider_method_id: state.payload.defaultMethodRef,
    ...foldColumns(state),
  };
}
