import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { MirroredObjects } from '../mirrors/mirrored-objects.service';
import { PROVIDER_CUSTOMER_MIRROR } from './provider-customer.mirror';

/** Providers' customers: which method is charged where a subscription names none. */
@Injectable()
export class ProviderCustomerProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['customer'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly mirrors: MirroredObjects,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const { readAgain } = await this.mirrors.write(tx, PROVIDER_CUSTOMER_MIRROR, objects);
    return readAgain;
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return PROVIDER_CUSTOMER_MIRROR.isUndecided(facts);
  }
}
