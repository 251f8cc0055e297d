import { Injectable, type OnModuleInit } from '@nestjs/common';
import { orderFacts, type FactOrder } from '../../../shared/fact-order';
import type { FactObjectType, PurchaseFact, Stored } from '../../../shared/facts';
import type { Tx } from '../../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../../platform/facts';
import { AcknowledgementsRepository, type Granted } from './acknowledgements.repository';

const LIMIT_MS = 3 * 86_400_000;
const ORDER: FactOrder<PurchaseFact> = { phaseOf: () => 0, tieOf: () => 0 };

/**
 * Writes down what Google is to be told of, in the very transaction that grants it: nobody can see the one without the other,
 * and a crash in between forgets neither.
 */
@Injectable()
export class AcknowledgementProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['purchase'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly acknowledgements: AcknowledgementsRepository,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const granted: Granted[] = [];
    const [done, lost]: [string[], string[]] = [[], []];
    for (const { key, customerId, facts } of objects) {
      const last = orderFacts(facts as readonly Stored<PurchaseFact>[], ORDER).facts.at(-1);
      if (!last) continue;
      const { kind, productRef, completedAt, acknowledged, ended } = last.payload;
      if (acknowledged) done.push(key.objectId);
      else if (ended) lost.push(key.objectId);
      else if (completedAt !== null) {
        const dueAt = new Date(Date.parse(completedAt) + LIMIT_MS);
        granted.push({ token: key.objectId, customerId, kind, productRef, dueAt });
      }
    }
    await this.acknowledgements.add(tx, granted);
    await this.acknowledgements.settle(tx, done, 'done');
    await this.acknowledgements.settle(tx, lost, 'lost');
    return [];
  }

  isUndecided(): boolean {
    return false;
  }
}
