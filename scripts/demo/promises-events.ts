import { countDeliveries } from './delivery-counts';
import { changed, digest } from './digest';
import { count } from './format';
import { request } from './http';
import type { Promised } from './promise';
import { SEED, VERIFY_SEED } from './settings';
import type { World } from './world';

const REPLAYS = 20;

/** The same choice in every run: each turn of the wheel (Lehmer's, modulus 2^31 - 1) points at one of those left. */
function pickSeeded<T>(items: readonly T[], n: number, seed: number): T[] {
  const left = [...items];
  let wheel = seed;
  return Array.from({ length: Math.min(n, left.length) }, () => {
    wheel = (wheel * 48_271) % 2_147_483_647;
    return left.splice(wheel % left.length, 1)[0] as T;
  });
}

async function allDelivered(world: World): Promise<{ delivered: Set<string>; refused: string[] }> {
  const deliveries = await world.stripe.deliveries();
  const refused = deliveries.flatMap(({ eventId, attempts, state }) => [
    ...attempts.filter(({ status }) => status !== 200).map(({ status }) => `${eventId} was answered ${String(status)}`),
    ...(state === 'delivered' ? [] : [`${eventId} is ${state}`]),
  ]);
  return { delivered: new Set(deliveries.map(({ eventId }) => eventId)), refused };
}

export const PROMISES_OF_EVENTS: readonly Promised[] = [
  {
    text: 'every delivery was answered 200',
    check: async (world) => {
      const counts = countDeliveries(await world.stripe.events(), await world.stripe.deliveries());
      return {
        seen: `${counts.deliveries} deliveries, ${counts.repeats} repeats, ${counts.overtaken} out of order`,
        wrong: [
          ...(await allDelivered(world)).refused,
          ...(counts.repeats === 0 || counts.overtaken === 0 ? ['there was no chaos to withstand'] : []),
        ],
      };
    },
  },
  {
    text: 'every event was stored and handled once',
    check: async (world) => {
      const { delivered } = await allDelivered(world);
      const stored = await world.database.rows<{ event_id: string; handled: boolean }>(
        "SELECT event_id, handled_at IS NOT NULL AS handled FROM inbox_events WHERE event_id LIKE 'evt%'",
      );
      const [twice] = await world.database.rows<{ n: number }>(
        `SELECT count(*)::int AS n FROM (SELECT 1 FROM facts GROUP BY provider, source_id, kind, object_id HAVING count(*) > 1) f`,
      );
      const known = new Set(stored.map(({ event_id }) => event_id));
      return {
        seen: `${count(delivered.size, 'event')}, ${stored.length} rows`,
        wrong: [
          ...[...delivered].filter((id) => !known.has(id)).map((id) => `${id} is not in the inbox`),
          ...(stored.length === delivered.size ? [] : [`${stored.length} rows for ${delivered.size} events`]),
          ...(twice?.n === 0 ? [] : ['a fact is recorded twice']),
        ],
      };
    },
  },
  {
    text: 'nothing is left undone',
    check: async ({ database }) => {
      const { inbox, outbox } = await database.unhandled();
      const intents = await database.rows<{ id: string }>('SELECT id FROM provider_intents WHERE settled_at IS NULL');
      return {
        seen: `${inbox} webhooks, ${outbox} messages, ${intents.length} open calls`,
        wrong: inbox + outbox + intents.length === 0 ? [] : ['there should be none'],
      };
    },
  },
  {
    text: 'no operator is needed',
    check: async (world) => {
      const { data } = await world
        .as('operator')
        .call<{ data: { message: string; resolvedAt: string | null }[] }>('/admin/alerts');
      const open = data.filter(({ resolvedAt }) => resolvedAt === null);
      const { data: tickets } = await world
        .as('operator')
        .call<{ data: { summary: string }[] }>('/support/tickets?status=open');
      return {
        seen: `${count(open.length, 'open alert')}, ${count(tickets.length, 'open ticket')}`,
        wrong: [...open.map(({ message }) => message), ...tickets.map(({ summary }) => summary)],
      };
    },
  },
  {
    text: 'a forged webhook is refused, without a trace',
    check: async (world) => {
      const before = await digest(world.database);
      const { status } = await request(`${world.kassaUrl}/v1/webhooks/stripe`, {
        json: { id: 'evt_forged', object: 'event', type: 'invoice.paid' },
        headers: { 'stripe-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` },
      });
      const touched = changed(before, await digest(world.database));
      return {
        seen: `answered ${status}`,
        wrong: [...(status === 400 ? [] : ['it should be 400']), ...touched.map((name) => `${name} changed`)],
      };
    },
  },
  {
    text: 'old events sent again change nothing',
    check: async (world) => {
      const before = await digest(world.database);
      const { delivered } = await allDelivered(world);
      const again = pickSeeded([...delivered], REPLAYS, SEED);
      for (const id of again) await world.stripe.control('POST', `events/${id}/redeliver`, {});
      await world.settle();
      const after = await digest(world.database);
      return {
        seen: `${again.length} in another order, ${after.size} tables compared`,
        wrong: [...changed(before, after).map((name) => `${name} changed`), ...(await allDelivered(world)).refused],
      };
    },
  },
  {
    text: 'any order, twice and through crashes: the same',
    check: async (world) => {
      const said = await world.kassa(
        'verify',
        'events',
        'verify',
        '--runs',
        '2',
        '--seed',
        String(VERIFY_SEED),
        '--json',
      );
      const { runs, told, crashes, ok } = JSON.parse(said.slice(said.indexOf('{'))) as {
        runs: number;
        told: number;
        crashes: number;
        ok: boolean;
      };
      return {
        seen: `${runs} replays, ${told} deliveries, ${count(crashes, 'crash', 'crashes')}`,
        wrong: [...(ok ? [] : ['a replay ends otherwise']), ...(crashes > 0 ? [] : ['nothing crashed'])],
      };
    },
  },
];
