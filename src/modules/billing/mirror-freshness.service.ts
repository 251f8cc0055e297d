import { Injectable } from '@nestjs/common';
import type { Provider, Stored } from '../../shared/facts';
import type { ListedObjectType } from '../../providers/provider.port';
import type { Tx } from '../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../platform/facts';
import { compareWithFacts, type Comparison, type Sighting } from './domain/same-state';
import { MirrorFreshnessRepository, type ChangeableRow } from './mirror-freshness.repository';

/** Compares what a provider shows with what our facts tell. Writes no facts: that is the pipeline's. */
@Injectable()
export class MirrorFreshness {
  constructor(
    private readonly mirrors: MirrorFreshnessRepository,
    private readonly store: FactStoreRepository,
  ) {}

  stalest(tx: Tx, provider: Provider, before: Date, except: readonly string[]): Promise<ChangeableRow | null> {
    return this.mirrors.stalest(tx, provider, before, except);
  }

  youngest(
    tx: Tx,
    provider: Provider,
    objectType: ListedObjectType,
    upTo: Date,
    except: readonly string[],
  ): Promise<ChangeableRow | null> {
    return this.mirrors.youngest(tx, provider, objectType, upTo, except);
  }

  confirm(tx: Tx, provider: Provider, type: ListedObjectType, ids: readonly string[], at: Date): Promise<number> {
    return this.mirrors.confirm(tx, provider, type, ids, at);
  }

  /** One statement for all. @returns in the order given. */
  async compare(tx: Tx, sightings: readonly Sighting[]): Promise<Comparison[]> {
    const keys = new Map<string, ObjectKey>();
    for (const { provider, objectType, objectId } of sightings.flatMap(({ facts }) => facts)) {
      const key = { provider, objectType, objectId };
      keys.set(objectKeyText(key), key);
    }
    const known = new Map<string, Stored[]>();
    for (const fact of await this.store.ofObjects(tx, [...keys.values()])) {
      const text = objectKeyText(fact);
      known.set(text, [...(known.get(text) ?? []), fact]);
    }
    return sightings.map((sighting) => compareWithFacts(sighting, (fact) => known.get(objectKeyText(fact)) ?? []));
  }
}
