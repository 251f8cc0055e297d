import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isAppError } from '../../shared/app-error';
import type { Tx } from '../../platform/database';
import { InboxAcceptance, SEEN, type AcceptedEvent } from '../../platform/inbox';
import { SEEN_PREFIX, type ProviderAdapter, type SeenObject, type SeenPage } from '../../providers/provider.port';
import { MirrorFreshness, type Comparison, type Sighting } from '../billing';

/** An object of a list with what it tells. */
export interface ReadObject {
  object: SeenObject;
  answeredAt: Date;
  /** Null where it cannot be read: of a shape we do not know. */
  sighting: Sighting | null;
}

/** What is said of an object that cannot be compared. */
const UNREADABLE: Comparison = { verdict: 'unknown', seen: 'unreadable', lastFactId: null };

/** Objects that lists have shown, on their way into the pipeline: as inbox rows like everything else that is told. */
@Injectable()
export class SeenObjects {
  constructor(
    private readonly inbox: InboxAcceptance,
    private readonly mirrors: MirrorFreshness,
  ) {}

  /** Pure. Objects without a customer are nobody's of ours and left out. */
  read(adapter: ProviderAdapter, page: SeenPage): ReadObject[] {
    const { answeredAt } = page;
    return page.items.flatMap((object): ReadObject[] => {
      try {
        const said = adapter.translate(SEEN_PREFIX, object.rawBody);
        return said.kind === 'facts' ? [{ object, answeredAt, sighting: { facts: said.facts, answeredAt } }] : [];
      } catch (error) {
        if (!isAppError(error)) throw error;
        return [{ object, answeredAt, sighting: null }];
      }
    });
  }

  /** With what our facts tell; null where it cannot be read. One statement. */
  async compare(tx: Tx, reads: readonly ReadObject[]): Promise<{ read: ReadObject; comparison: Comparison | null }[]> {
    const comparisons = await this.mirrors.compare(
      tx,
      reads.flatMap(({ sighting }) => sighting ?? []),
    );
    const results = comparisons.values();
    return reads.map((read) => ({ read, comparison: read.sighting ? (results.next().value ?? null) : null }));
  }

  /**
   * Stores an object as seen. The id names the state it was compared with besides its own: the same difference is stored
   * once, however often it is seen, while a state that comes back later is a new one.
   * @returns 'received' where it is new.
   */
  async store(
    adapter: ProviderAdapter,
    read: ReadObject,
    comparison: Comparison | null,
  ): Promise<AcceptedEvent['outcome']> {
    const { object, answeredAt } = read;
    const { objectType, objectId } = object;
    const { seen, lastFactId } = comparison ?? UNREADABLE;
    const digest = createHash('sha256')
      .update(`${lastFactId ?? ''}\n${seen}`)
      .digest('hex')
      .slice(0, 32);
    const { outcome } = await this.inbox.accept({
      provider: adapter.provider,
      eventId: `${SEEN_PREFIX}${objectType}:${objectId}:${digest}`,
      type: SEEN,
      apiVersion: object.apiVersion,
      livemode: adapter.livemode ?? false,
      objectType,
      objectId,
      aggregate: object.aggregate,
      occurredAt: answeredAt,
      rawBody: object.rawBody,
      headers: { source: SEEN },
    });
    return outcome;
  }
}
