import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FactObjectType, InvoiceFact, Provider, Stored } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import { FactPipeline, type FactProjection, type ReadAgain, type TouchedObject } from '../../platform/facts';
import { CaseDerivationRepository } from './case-derivation.repository';
import { DunningCases } from './dunning-cases.service';
import { methodChanges } from './method-change';
import { NewMethods } from './new-methods.service';

/**
 * Opens and closes cases in the very transaction that writes the mirror rows they follow from: registered after billing,
 * whose module is set up first because this one imports it.
 */
@Injectable()
export class DunningProjection implements FactProjection, OnModuleInit {
  readonly objectTypes: readonly FactObjectType[] = ['invoice', 'subscription', 'payment_method', 'customer'];

  constructor(
    private readonly pipeline: FactPipeline,
    private readonly repository: CaseDerivationRepository,
    private readonly cases: DunningCases,
    private readonly newMethods: NewMethods,
  ) {}

  onModuleInit(): void {
    this.pipeline.register(this);
  }

  async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const refs = new Map<Provider, Set<string>>();
    for (const object of objects) {
      const { provider } = object.key;
      for (const ref of subscriptionRefs(object)) refs.set(provider, (refs.get(provider) ?? new Set()).add(ref));
    }
    for (const [provider, of] of refs) {
      await this.cases.derive(tx, await this.repository.concerned(tx, provider, [...of]));
    }
    await this.newMethods.tried(tx, objects.flatMap(methodChanges));
    return [];
  }

  isUndecided(): boolean {
    return false;
  }
}

function subscriptionRefs({ key, facts }: TouchedObject): string[] {
  if (key.objectType === 'subscription') return [key.objectId];
  if (key.objectType !== 'invoice') return [];
  const refs = (facts as readonly Stored<InvoiceFact>[]).flatMap(({ payload }) => payload.subscriptionRef ?? []);
  return [...new Set(refs)];
}
