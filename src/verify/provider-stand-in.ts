import type { Client } from 'pg';
import { unavailable } from '../shared/app-error';
import type { Fact, FactObjectType, Provider } from '../shared/facts';
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
    const last = known.get(keyOf({ objectType, objectId }));
    if (!last) return Promise.resolve(null);
    // A payment is shown with what came in by it and what was given back.
    const parts = objectType === 'payment' ? [...known.values()].filter((object) => isPartOf(object, objectId)) : [];
    const at = { provider, occurredAt: last.occurredAt, sourceId };
    const facts = [last, ...parts].map((object) => snapshot(object, at));
    return Promise.resolve({ aggregate: last.aggregate, facts });
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

function away(): Error {
  return unavailable('PROVIDER_AWAY', 'There is no provider to ask in a replay');
}

function keyOf({ objectType, objectId }: Pick<KnownObject, 'objectType' | 'objectId'>): string {
  return `${objectType}:${objectId}`;
}

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
         SELECT DISTINCT ON (provider, object_type, object_id) * FROM facts WHERE (object_type IN ('payment', 'checkout') AND payload ? 'status') OR object_type = 'purchase'
         ORDER BY provider, object_type, object_id, occurred_at DESC, payload ->> 'status' IN ('succeeded', 'canceled') DESC,
           kind LIKE '%.snapshot' DESC, source_id DESC))
     SELECT provider, object_type AS "objectType", object_id AS "objectId", aggregate, occurred_at AS "occurredAt", payload FROM last`,
  );
  return rows;
}
