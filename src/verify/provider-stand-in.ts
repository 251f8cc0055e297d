import type { Client } from 'pg';
import { unavailable } from '../shared/app-error';
import type { DepositPayload, Fact, FactObjectType, Provider } from '../shared/facts';
import { timeAbout, WISE_HOUSE } from '../providers/wise';
import type { ListPage, ProviderAdapter, ReadResult, SeenPage, Translation } from '../providers/provider.port';

/** An object as the provider has it in the end, and the moment of the last that was told of it. */
export interface KnownObject {
  provider: Provider;
  objectType: FactObjectType;
  objectId: string;
  aggregate: string;
  occurredAt: Date;
  payload: object;
}

/**
 * A provider that nobody calls: events are translated by the real adapter, and what is read comes from the recording, at
 * the second of the last that was told. Away until it knows something.
 */
export class ProviderStandIn implements ProviderAdapter {
  readonly eventsKeptSeconds = 0;
  private known: ReadonlyMap<string, KnownObject> | null = null;

  constructor(
    private readonly real: ProviderAdapter,
    readonly livemode: boolean | null,
    /** Our customers' ids by the provider's. */
    private readonly owners: ReadonlyMap<string, string>,
  ) {}

  get provider(): Provider {
    return this.real.provider;
  }

  get countsTestToo(): boolean {
    return this.real.countsTestToo ?? false;
  }

  learn(known: readonly KnownObject[]): void {
    const mine = known.filter(({ provider }) => provider === this.provider);
    this.known = new Map(mine.map((object) => [keyOf(object), object]));
  }

  namesUs(rawBody: Buffer): boolean {
    return this.real.namesUs(rawBody);
  }

  translate(eventId: string, rawBody: Buffer): Translation {
    return this.real.translate(eventId, rawBody);
  }

  read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    const { provider, known } = this;
    if (!known) return Promise.reject(away());
    if (objectType === 'deposit') return Promise.resolve(this.deposits([...known.values()], objectId, sourceId));
    const last = known.get(keyOf({ objectType, objectId }));
    if (!last) return Promise.resolve(null);
    // A payment is shown with what came in by it and what was given back.
    const parts = objectType === 'payment' ? [...known.values()].filter((object) => isPartOf(object, objectId)) : [];
    const at = { provider, occurredAt: last.occurredAt, sourceId };
    const facts = [last, ...parts].map((object) => snapshot(object, at));
    return Promise.resolve({ aggregate: last.aggregate, facts });
  }

  /** They are asked for by a moment on a balance, and may be none. */
  private deposits(known: readonly KnownObject[], moment: string, sourceId: string): ReadResult | null {
    const { provider } = this;
    const time = timeAbout(moment);
    if (!time) return null;
    const those = known.filter((object) => object.objectType === 'deposit' && isWithin(object, time));
    const facts = those.map((object) => snapshot(object, { provider, occurredAt: object.occurredAt, sourceId }));
    return { aggregate: WISE_HOUSE, facts };
  }

  ownerOf(customerRef: string): Promise<string | null> {
    return Promise.resolve(this.owners.get(`${this.provider}:${customerRef}`) ?? null);
  }

  undelivered(): Promise<ListPage<never>> {
    return Promise.reject(away());
  }

  list(): Promise<SeenPage> {
    return Promise.reject(away());
  }
}

/** One of the union: the payload was stored with this object type. */
function snapshot({ objectType, objectId, aggregate, payload }: KnownObject, at: object): Fact {
  return {
    ...at,
    ...{ objectType, objectId, aggregate, payload, before: null },
    kind: `${objectType}.snapshot`,
  } as unknown as Fact;
}

function isPartOf({ objectType, payload }: KnownObject, paymentRef: string): boolean {
  if (objectType !== 'refund' && objectType !== 'charge') return false;
  return (payload as { paymentRef: string }).paymentRef === paymentRef;
}

function isWithin(
  { payload }: KnownObject,
  { currency, from, to }: { currency: string; from: Date; to: Date },
): boolean {
  const deposit = payload as DepositPayload;
  const at = new Date(deposit.createdAt);
  return deposit.currency === currency && at >= from && at < to;
}

function away(): Error {
  return unavailable('PROVIDER_AWAY', 'There is no provider to ask in a replay');
}

function keyOf({ objectType, objectId }: Pick<KnownObject, 'objectType' | 'objectId'>): string {
  return `${objectType}:${objectId}`;
}

/** How each stands, and what became of its money, by whoever told of that first. */
const TRANSFERS = `
  SELECT t.provider, 'transfer', t.provider_id, min(f.aggregate), max(f.occurred_at), jsonb_build_object('state', t.state) || COALESCE(
    (array_agg(jsonb_build_object('settlement', f.payload -> 'settlement') ORDER BY f.occurred_at, f.source_id)
      FILTER (WHERE f.payload ? 'settlement'))[1], '{}')
  FROM transfers t JOIN facts f ON f.provider = t.provider AND f.object_type = 'transfer' AND f.object_id = t.provider_id
  WHERE f.kind IN ('transfer.changed', 'transfer.snapshot') GROUP BY t.provider, t.provider_id, t.state`;

/** From a database that was told everything. @param client as the service sees it. */
export async function knownTo(client: Client): Promise<KnownObject[]> {
  const { rows } = await client.query<KnownObject>(
    // A payment's last fact may tell its invoice or its method only.
    `WITH last AS (
       SELECT f.* FROM facts f JOIN (
         SELECT last_fact_id FROM subscriptions UNION ALL SELECT last_fact_id FROM invoices
         UNION ALL SELECT last_fact_id FROM refunds UNION ALL SELECT last_fact_id FROM disputes
         UNION ALL SELECT last_fact_id FROM credit_notes UNION ALL SELECT last_fact_id FROM provider_payouts
         UNION ALL SELECT last_fact_id FROM payment_methods UNION ALL SELECT last_fact_id FROM provider_customers) m
         ON m.last_fact_id = f.id
       UNION ALL (
         SELECT DISTINCT ON (provider, object_id) * FROM facts WHERE object_type = 'charge' AND payload -> 'settlement' <> 'null'
         ORDER BY provider, object_id, occurred_at, source_id)
       UNION ALL (
         SELECT DISTINCT ON (provider, object_type, object_id) * FROM facts WHERE (object_type IN ('payment', 'checkout') AND payload ? 'status') OR object_type IN ('purchase', 'deposit')
         ORDER BY provider, object_type, object_id, occurred_at DESC, payload ->> 'status' IN ('succeeded', 'canceled') DESC,
           kind LIKE '%.snapshot' DESC, source_id DESC))
     SELECT provider, object_type AS "objectType", object_id AS "objectId", aggregate, occurred_at AS "occurredAt", payload FROM last
     UNION ALL SELECT * FROM (${TRANSFERS}) t`,
  );
  return rows;
}
