import { Injectable } from '@nestjs/common';
import type { Fact, Provider, Stored } from '../../shared/facts';
import type { Tx } from '../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../platform/facts';
import { knownState, stateText, type SeenFact } from './domain/same-state';
import { MirrorFreshnessRepository, type ChangeableRow, type MirroredType } from './mirror-freshness.repository';

/** An object as a list showed it: what it tells, and when the provider answered. */
export interface Sighting {
  facts: readonly Fact[];
  answeredAt: Date;
}

/**
 * - `same`: we know it like that.
 * - `different`: we know it otherwise, and nothing newer.
 * - `underway`: what we know is newer than the look, or is being asked for already.
 * - `unknown`: nobody has told us of it.
 */
export type Verdict = 'same' | 'different' | 'underway' | 'unknown';

export interface Comparison {
  verdict: Verdict;
  /** What was seen, as one text: equal for equal states. */
  seen: string;
  /** The fact our state ends with; null for the unknown. */
  lastFactId: string | null;
}

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
    objectType: MirroredType,
    upTo: Date,
    except: readonly string[],
  ): Promise<ChangeableRow | null> {
    return this.mirrors.youngest(tx, provider, objectType, upTo, except);
  }

  confirm(tx: Tx, provider: Provider, type: MirroredType, ids: readonly string[], at: Date): Promise<number> {
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
    return sightings.map((sighting) => compareOne(sighting, (fact) => known.get(objectKeyText(fact)) ?? []));
  }
}

function compareOne({ facts, answeredAt }: Sighting, knownOf: (fact: Fact) => readonly Stored[]): Comparison {
  const state = facts.find(isSeen);
  if (!state) throw new Error('What was seen tells no state');
  const links = facts.filter((fact) => fact.kind === 'payment.linked');
  const seen = [stateText(state.payload), ...links.map(({ objectId }) => objectId).sort()].join('\n');
  const known = knownState(state.objectType, knownOf(state));
  if (!known) return { verdict: 'unknown', seen, lastFactId: null };
  const { lastFactId } = known;
  const linked = links.every((link) => knownOf(link).some((fact) => saysTheSame(fact, link)));
  if (linked && known.text === stateText(state.payload)) return { verdict: 'same', seen, lastFactId };
  const newer = known.undecided || known.lastToldAt > answeredAt;
  return { verdict: newer ? 'underway' : 'different', seen, lastFactId };
}

function isSeen(fact: Fact): fact is SeenFact {
  return fact.kind === 'subscription.snapshot' || fact.kind === 'invoice.snapshot' || fact.kind === 'payment.snapshot';
}

function saysTheSame(known: Fact, link: Fact): boolean {
  if (known.kind !== 'payment.linked' || link.kind !== 'payment.linked') return false;
  return known.payload.invoiceRef === link.payload.invoiceRef;
}
