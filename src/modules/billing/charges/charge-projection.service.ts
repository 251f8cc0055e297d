import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { ChargeFact, FactObjectType, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { LedgerService } from '../../ledger';
import { chargeJournal, lacksSettlement } from './domain/charge-journal';

/** What came in by a charge, and the provider's fee: events name the movement only, so it is asked for. */
@Injectable()
export class ChargeProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['charge'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly ledger: LedgerService,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const told = objects.map((object) => ({ ...object, facts: object.facts as readonly Stored<ChargeFact>[] }));
    await this.ledger.post(
      tx,
      told.flatMap(({ facts, customerId }) => chargeJournal(facts, customerId)),
    );
    return told.filter(({ facts }) => lacksSettlement(facts)).map(({ key, aggregate }) => ({ key, aggregate }));
  }

  isUndecided(_: FactObjectType, facts: readonly Stored[]): boolean {
    return lacksSettlement(facts as readonly Stored<ChargeFact>[]);
  }
}
