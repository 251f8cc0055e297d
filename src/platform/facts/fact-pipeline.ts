import { Injectable } from '@nestjs/common';
import type { Fact, FactObjectType, Stored } from '../../shared/facts';
import type { Tx } from '../database';
import { FactStoreRepository, type ObjectKey } from './fact-store.repository';

/** A provider's customer and the customer of ours behind it. */
export interface OwnedAggregate {
  aggregate: string;
  customerId: string;
}

/** All facts of the objects that a batch touched, one aggregate at a time. */
export interface AggregateFacts extends OwnedAggregate {
  objects: readonly { key: ObjectKey; facts: readonly Stored[]; fresh: readonly Stored[] }[];
}

export interface ProjectionResult {
  /** Objects whose facts could not decide: to be read again from the provider, outside the transaction. */
  readAgain: ObjectKey[];
}

/** What a module makes of facts: mirror rows and effects, as functions of the set of facts and of nothing else. */
export interface FactProjection {
  readonly objectTypes: readonly FactObjectType[];
  project(tx: Tx, facts: AggregateFacts): Promise<ProjectionResult>;
}

/** The only way from a fact to a state: store, fold, effects, in the caller's transaction under the aggregate's lock. */
@Injectable()
export class FactPipeline {
  private readonly projections: FactProjection[] = [];

  constructor(private readonly store: FactStoreRepository) {}

  /** Called once per module at start-up. */
  register(projection: FactProjection): void {
    this.projections.push(projection);
  }

  /**
   * @param facts of one aggregate, whose lock the caller holds.
   * @returns what must be read from the provider again; empty where all facts were known already.
   */
  async apply(tx: Tx, owner: OwnedAggregate, facts: readonly Fact[]): Promise<ProjectionResult> {
    const fresh = new Set(await this.store.append(tx, facts));
    if (fresh.size === 0) return { readAgain: [] };
    return this.project(tx, owner, distinctObjects(facts), fresh);
  }

  private async project(
    tx: Tx,
    owner: OwnedAggregate,
    keys: readonly ObjectKey[],
    fresh: ReadonlySet<string>,
  ): Promise<ProjectionResult> {
    const stored = await this.store.ofObjects(tx, keys);
    const objects = keys.map((key) => {
      const own = stored.filter((fact) => fact.objectType === key.objectType && fact.objectId === key.objectId);
      return { key, facts: own, fresh: own.filter((fact) => fresh.has(fact.id)) };
    });
    const readAgain: ObjectKey[] = [];
    for (const projection of this.projections) {
      const mine = objects.filter(
        ({ key, fresh: news }) => news.length > 0 && projection.objectTypes.includes(key.objectType),
      );
      if (mine.length === 0) continue;
      readAgain.push(...(await projection.project(tx, { ...owner, objects: mine })).readAgain);
    }
    return { readAgain };
  }
}

function distinctObjects(facts: readonly Fact[]): ObjectKey[] {
  const keys = new Map<string, ObjectKey>();
  for (const { provider, objectType, objectId } of facts) {
    keys.set(`${provider}:${objectType}:${objectId}`, { provider, objectType, objectId });
  }
  return [...keys.values()];
}
