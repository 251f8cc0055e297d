import { Injectable } from '@nestjs/common';
import { tryLockAggregates, type Tx } from '../../platform/database';
import { FactPipeline } from '../../platform/facts';
import { InboxRepository, undecidedSince, type ClaimedEvent } from '../../platform/inbox';
import { AggregateOwners } from './aggregate-owners.service';
import type { FactsReading } from './event-reading.service';

/** An inbox row and the facts it was read into. */
export interface ToldEvent {
  event: ClaimedEvent;
  reading: FactsReading;
}

/**
 * busy: another unit of work holds the aggregate, nothing was done. unknown: somebody nobody has told us of, on a price of
 * ours, nothing was done. foreign: nobody's of ours. stale: applied, and all it told was older than what was known.
 */
export type EventOutcome = 'processed' | 'stale' | 'foreign' | 'unknown' | 'busy';

/** Applies what events told, in the caller's transaction; whoever calls says what becomes of the rows. */
@Injectable()
export class EventApplication {
  constructor(
    private readonly ownership: AggregateOwners,
    private readonly pipeline: FactPipeline,
    private readonly inbox: InboxRepository,
  ) {}

  /** @returns the outcome of each event, by its row's id. */
  async apply(tx: Tx, told: readonly ToldEvent[]): Promise<Map<string, EventOutcome>> {
    const groups = byAggregate(told);
    const locked = await tryLockAggregates(tx, [...groups.keys()]);
    const held = [...groups.values()].filter(({ aggregate }) => locked.has(aggregate));
    // A statement of its own, after the lock: what the last holder committed must be seen.
    const owners = await this.ownership.ownersOf(tx, held);
    const ours = held.flatMap((group) => {
      const owner = owners.get(group.aggregate);
      return owner?.kind === 'ours' ? [{ ...group, customerId: owner.customerId }] : [];
    });
    const { readAgain, stale } = await this.pipeline.apply(tx, ours);
    await this.inbox.requestReads(
      tx,
      readAgain.map((again) => ({ ...again, reason: undecidedSince(groups.get(again.aggregate)?.lastId ?? '') })),
    );
    const outcomeOf = ({ reading }: ToldEvent): EventOutcome => {
      if (!locked.has(reading.aggregate)) return 'busy';
      const owner = owners.get(reading.aggregate)?.kind ?? 'foreign';
      if (owner !== 'ours') return owner;
      const { facts } = reading;
      return facts.length > 0 && facts.every(({ sourceId }) => stale.has(sourceId)) ? 'stale' : 'processed';
    };
    return new Map(told.map((one) => [one.event.id, outcomeOf(one)]));
  }
}

interface Group {
  aggregate: string;
  facts: FactsReading['facts'];
  /** The newest of its rows: a reason to look again that comes once. */
  lastId: string;
}

function byAggregate(told: readonly ToldEvent[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { event, reading } of told) {
    const { aggregate } = reading;
    const group = groups.get(aggregate) ?? { aggregate, facts: [], lastId: event.id };
    groups.set(aggregate, group);
    group.facts.push(...reading.facts);
    if (event.id > group.lastId) group.lastId = event.id;
  }
  return groups;
}
