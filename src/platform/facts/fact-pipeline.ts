import { Injectable } from '@nestjs/common';
import type { Fact, FactObjectType, Stored } from '../../shared/facts';
import type { Tx } from '../database';
import { AggregatesFailedError } from './aggregates-failed.error';
import { FactStoreRepository, objectKeyText, type ObjectKey } from './fact-store.repository';

/** A provider's customer and the customer of ours behind it. */
export interface OwnedAggregate {
  aggregate: string;
  customerId: string;
}

/**
 * Whose facts are: our customer's, or nobody's of ours (a shared account has other tenants). Unknown: somebody nobody has
 * told us of, on a price of ours.
 */
export type Ownership = { kind: 'ours'; customerId: string } | { kind: 'foreign' } | { kind: 'unknown' };

/** What was told of one aggregate, whose lock the caller holds. */
export interface OwnedFacts extends OwnedAggregate {
  facts: readonly Fact[];
}

/** An object that was told of, with all its facts. */
export interface TouchedObject extends OwnedAggregate {
  key: ObjectKey;
  facts: readonly Stored[];
  /** Those of them that are new. */
  fresh: readonly Stored[];
}

/** An object whose facts could not decide: to be read again from the provider, outside the transaction. */
export interface ReadAgain {
  key: ObjectKey;
  aggregate: string;
}

/** What a module makes of facts: mirror rows and effects, as functions of the set of facts and of nothing else. */
export interface FactProjection {
  readonly objectTypes: readonly FactObjectType[];
  /** All objects at once, in a number of statements that does not grow with theirs. */
  project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]>;
  /** Pure: whether these facts of one object cannot decide its state. */
  isUndecided(objectType: FactObjectType, facts: readonly Stored[]): boolean;
}

export interface Applied {
  readAgain: ReadAgain[];
  /** Sources all of whose facts are older than what was known of their objects already. */
  stale: ReadonlySet<string>;
}

/** The only way from a fact to a state: store, fold, effects, in the caller's transaction under the aggregates' locks. */
@Injectable()
export class FactPipeline {
  private readonly projections: FactProjection[] = [];

  constructor(private readonly store: FactStoreRepository) {}

  /** Called once per module at start-up. */
  register(projection: FactProjection): void {
    this.projections.push(projection);
  }

  /**
   * Facts that are known already are projected again: that changes nothing, unless a release has mended the projection.
   * @throws what a projection met; of a batch of several aggregates, AggregatesFailedError where it knows whose fault it is.
   */
  async apply(tx: Tx, batch: readonly OwnedFacts[]): Promise<Applied> {
    const owners = new Map(batch.map(({ aggregate, customerId }) => [aggregate, customerId]));
    const stored = await this.store.append(
      tx,
      batch.flatMap(({ facts }) => facts),
    );
    const objects = [...stored.values()].map((object): TouchedObject => {
      const { aggregate } = object;
      const customerId = owners.get(aggregate);
      if (customerId === undefined) throw new Error(`${objectKeyText(object.key)} is told under another aggregate`);
      return { ...object, customerId };
    });
    try {
      return { readAgain: await this.project(tx, objects), stale: staleSources(objects) };
    } catch (error) {
      // Who has told of one only needs not be told which it was.
      if (batch.length === 1 && error instanceof AggregatesFailedError) throw [...error.failures.values()][0];
      throw error;
    }
  }

  private async project(tx: Tx, objects: readonly TouchedObject[]): Promise<ReadAgain[]> {
    const readAgain: ReadAgain[] = [];
    for (const projection of this.projections) {
      const mine = objects.filter(({ key }) => projection.objectTypes.includes(key.objectType));
      if (mine.length > 0) readAgain.push(...(await projection.project(tx, mine)));
    }
    return readAgain;
  }

  /** Whether an object still needs a look at the provider: what it waited for may have come by itself. */
  async isUndecided(tx: Tx, key: ObjectKey): Promise<boolean> {
    const facts = await this.store.ofObjects(tx, [key]);
    const mine = this.projections.filter(({ objectTypes }) => objectTypes.includes(key.objectType));
    return facts.length === 0 || mine.some((projection) => projection.isUndecided(key.objectType, facts));
  }
}

function staleSources(objects: readonly TouchedObject[]): Set<string> {
  const stale = new Set<string>();
  const current = new Set<string>();
  for (const { facts, fresh } of objects) {
    const news = new Set(fresh);
    const known = facts.reduce((latest, fact) => (news.has(fact) ? latest : Math.max(latest, +fact.occurredAt)), 0);
    for (const fact of fresh) (+fact.occurredAt < known ? stale : current).add(fact.sourceId);
  }
  for (const sourceId of current) stale.delete(sourceId);
  return stale;
}
