import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Stored, SubscriptionFact } from '../../../shared/facts';
import { Alerts } from '../../../platform/alerts';
import { takeSweepTurn, tryLockAggregates, UnitOfWork, type Tx } from '../../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../../platform/facts';
import { Metrics } from '../../../platform/metrics';
import { Sweepers } from '../../../platform/queue';
import { SubscriptionProjection } from '../subscription-projection.service';
import { subscriptionRow } from '../subscriptions.repository';
import { MirrorInvariantRepository, type MirrorDifference } from './mirror-invariant.repository';
import { MIRROR_KINDS } from './mirror-kinds';

const SWEEP_MS = 30_000;
const BATCH = 200;
/** Whose a row is the links say, and is not compared. */
const NOBODY = '';

export interface MirrorCheck {
  checked: number;
  differences: MirrorDifference[];
}

type ObjectFacts = ObjectKey & { aggregate: string; facts: Stored[] };

/**
 * Refolds objects from their facts and holds the result against their mirror rows, round and round. They can differ only
 * by a fault of ours or by somebody's hand in the tables; a replay of any event of the object writes the row anew.
 */
@Injectable()
export class MirrorInvariant implements OnModuleInit {
  private readonly checked;
  private readonly differing;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: MirrorInvariantRepository,
    private readonly store: FactStoreRepository,
    private readonly subscriptions: SubscriptionProjection,
    private readonly alerts: Alerts,
    private readonly sweepers: Sweepers,
    metrics: Metrics,
  ) {
    this.checked = metrics.counter({
      name: 'kassa_mirror_checked_total',
      help: 'Objects refolded from their facts and compared with their mirror rows',
    });
    this.differing = metrics.counter({
      name: 'kassa_mirror_differing_total',
      help: 'Objects whose mirror row was not what their facts say',
    });
  }

  onModuleInit(): void {
    this.sweepers.register({ name: 'mirror-invariant', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** The next objects of the round. @returns null while another process is at it. */
  async sweep(): Promise<MirrorCheck | null> {
    return this.unitOfWork.service((tx) =>
      takeSweepTurn(tx, 'mirror-invariant', async (after) => {
        const { position, ...result } = await this.checkFrom(tx, after);
        await this.alertOn(tx, result.differences);
        return { position, result };
      }),
    );
  }

  /** All objects there are, from the first to the last. */
  async checkAll(): Promise<MirrorCheck> {
    const differences: MirrorDifference[] = [];
    const checked = await this.checkEach((difference) => differences.push(difference));
    return { checked, differences };
  }

  /** The same, with nothing kept of what was found. @param report as they are found. @returns how many objects there are. */
  async checkEach(report: (difference: MirrorDifference) => void): Promise<number> {
    let all = 0;
    for (let position = ''; ;) {
      const from = position;
      const { checked, differences, position: next } = await this.unitOfWork.service((tx) => this.checkFrom(tx, from));
      all += checked;
      differences.forEach(report);
      position = next;
      if (position === '') return all;
    }
  }

  /** @returns `position` '' at the end of the round. */
  private async checkFrom(tx: Tx, after: string): Promise<MirrorCheck & { position: string }> {
    const objects = await this.repository.nextObjects(tx, after, BATCH);
    const suspects = await this.compare(tx, objects);
    // A worker may have committed between our looking at the facts and at the row: who differs is looked at under the lock.
    const named = new Set(suspects.map(objectOf));
    const again = objects.filter(({ provider, objectId }) => named.has(objectOf({ provider, providerId: objectId })));
    const locked = await tryLockAggregates(tx, [...new Set(again.map(({ aggregate }) => aggregate))]);
    const differences = await this.compare(
      tx,
      again.filter(({ aggregate }) => locked.has(aggregate)),
    );
    this.checked.inc(objects.length);
    this.differing.inc(new Set(differences.map(objectOf)).size);
    const position = objects.length < BATCH ? '' : (objects.at(-1)?.position ?? '');
    return { checked: objects.length, differences, position };
  }

  private async compare(tx: Tx, keys: readonly (ObjectKey & { aggregate: string })[]): Promise<MirrorDifference[]> {
    if (keys.length === 0) return [];
    const objects = new Map<string, ObjectFacts>(keys.map((key) => [objectKeyText(key), { ...key, facts: [] }]));
    for (const fact of await this.store.ofObjects(tx, keys)) objects.get(objectKeyText(fact))?.facts.push(fact);
    const ofType = (type: ObjectKey['objectType']): ObjectFacts[] =>
      [...objects.values()].filter(({ objectType }) => objectType === type);
    const subscriptions = await this.subscriptionRows(tx, ofType('subscription'));
    const differences = await this.repository.differences(tx, 'subscription', subscriptions);
    for (const kind of MIRROR_KINDS) {
      const expected = ofType(kind.type).flatMap(({ facts, ...key }) => {
        const row = kind.expected({ key, customerId: NOBODY, facts });
        return row ? [folding(row)] : [];
      });
      differences.push(...(await this.repository.differences(tx, kind.type, expected)));
    }
    return differences;
  }

  private async subscriptionRows(tx: Tx, objects: readonly ObjectFacts[]): Promise<Record<string, unknown>[]> {
    const told = objects.map(({ aggregate, facts, ...key }) => ({
      key,
      aggregate,
      customerId: NOBODY,
      facts: facts as Stored<SubscriptionFact>[],
    }));
    return (await this.subscriptions.fold(tx, told)).map((folded) => folding(subscriptionRow(folded)));
  }

  private async alertOn(tx: Tx, differences: readonly MirrorDifference[]): Promise<void> {
    const byObject = new Map<string, string[]>();
    for (const difference of differences) {
      const key = objectOf(difference);
      byObject.set(key, [...(byObject.get(key) ?? []), difference.column]);
    }
    for (const [object, columns] of byObject) {
      await this.alerts.raise(tx, {
        kind: 'mirror.differs',
        severity: 'critical',
        causeKey: `mirror.differs:${object}`,
        message: `The row of ${object} is not what its facts say`,
        details: { object, columns },
      });
    }
  }
}

/** What the facts alone decide: whose a row is the links say, and a look at the provider that met no change leaves no fact. */
function folding({
  customer_id: _owner,
  verified_at: _verified,
  ...row
}: Record<string, unknown>): Record<string, unknown> {
  return row;
}

function objectOf({ provider, providerId }: Pick<MirrorDifference, 'provider' | 'providerId'>): string {
  return `${provider}:${providerId}`;
}
