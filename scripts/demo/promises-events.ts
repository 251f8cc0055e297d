import { countAll } from './delivery-counts';
import { changed, digest } from './digest';
import { count } from './format';
import { request, type Call } from './http';
import type { Promised } from './promise';
import { SEED, VERIFY_SEED } from './settings';
import { StripeSide, type Sender } from './stripe-side';
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

interface Delivered {
  /** Whose it is, by an event's key in the inbox. */
  readonly delivered: ReadonlyMap<string, { readonly sender: Sender['name']; readonly id: string }>;
  readonly refused: readonly string[];
}

async function allDelivered(world: World): Promise<Delivered> {
  const sent = (await world.stripe.senders()).flatMap((sender) => {
    const events = new Map(sender.events.map((event) => [event.id, event]));
    return sender.deliveries.map((delivery) => {
      const event = events.get(delivery.eventId) ?? { id: delivery.eventId, type: '' };
      return { sender: sender.name, key: StripeSide.keyOf(sender, event, delivery), ...delivery };
    });
  });
  const refused = sent.flatMap(({ eventId, attempts, state }) => [
    ...attempts.filter(({ status }) => status !== 200).map(({ status }) => `${eventId} was answered ${String(status)}`),
    ...(state === 'delivered' ? [] : [`${eventId} is ${state}`]),
  ]);
  const delivered = new Map(sent.map(({ sender, key, eventId: id }) => [key, { sender, id }]));
  return { delivered, refused };
}

/** Of Google's, the bearer is what is wrong. */
const REFUSED = '400, 400, 401, 400';

/** What none of the four has sent. */
function forgeries(): ({ readonly path: string } & Call)[] {
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
  const jws = `${part({ alg: 'ES256', x5c: [] })}.${part({ notificationType: 'DID_RENEW' })}.${'A'.repeat(86)}`;
  const push = { message: { data: Buffer.from('{}').toString('base64'), messageId: '1' }, subscription: 'x' };
  const signature = `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`;
  return [
    {
      path: 'stripe',
      json: { id: 'evt_forged', object: 'event', type: 'invoice.paid' },
      headers: { 'stripe-signature': signature },
    },
    { path: 'appstore', json: { signedPayload: jws } },
    { path: 'play', json: push, headers: { authorization: `Bearer ${jws}` } },
    {
      path: 'wise',
      json: { event_type: 'transfers#state-change', data: { current_state: 'outgoing_payment_sent' } },
      headers: { 'x-signature-sha256': Buffer.alloc(256, 7).toString('base64') },
    },
  ];
}

export const PROMISES_OF_EVENTS: readonly Promised[] = [
  {
    text: 'every delivery was answered 200',
    check: async (world) => {
      const counts = countAll(await world.stripe.senders());
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
      // What Kassa asked of itself stands there too.
      const stored = await world.database.rows<{ key: string }>(
        "SELECT provider || ':' || event_id AS key FROM inbox_events WHERE event_id NOT LIKE 'read:%' AND handled_at IS NOT NULL",
      );
      const [twice] = await world.database.rows<{ n: number }>(
        `SELECT count(*)::int AS n FROM (SELECT 1 FROM facts GROUP BY provider, source_id, kind, object_id HAVING count(*) > 1) f`,
      );
      const known = new Set(stored.map(({ key }) => key));
      return {
        seen: `${count(delivered.size, 'event')}, ${stored.length} rows`,
        wrong: [
          ...[...delivered.keys()].filter((key) => !known.has(key)).map((key) => `${key} is not in the inbox`),
          ...(stored.length === delivered.size ? [] : [`${stored.length} rows for ${delivered.size} events`]),
          ...(twice?.n === 0 ? [] : ['a fact is recorded twice']),
        ],
      };
    },
  },
  {
    text: 'nothing is left undone',
    check: async ({ database }) => {
      const { inbox, outbox, acknowledgements, payouts } = await database.unhandled();
      const intents = await database.rows<{ id: string }>('SELECT id FROM provider_intents WHERE settled_at IS NULL');
      const calls = intents.length + acknowledgements + payouts;
      return {
        seen: `${inbox} webhooks, ${outbox} messages, ${calls} open calls`,
        wrong: inbox + outbox + calls === 0 ? [] : ['there should be none'],
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
      const statuses: number[] = [];
      for (const { path, ...call } of forgeries()) {
        statuses.push((await request(`${world.kassaUrl}/v1/webhooks/${path}`, call)).status);
      }
      const refused = statuses.join(', ');
      const touched = changed(before, await digest(world.database));
      return {
        seen: `answered ${refused}`,
        wrong: [
          ...(refused === REFUSED ? [] : [`it should be ${REFUSED}`]),
          ...touched.map((name) => `${name} changed`),
        ],
      };
    },
  },
  {
    text: 'old events sent again change nothing',
    check: async (world) => {
      const before = await digest(world.database);
      const { delivered } = await allDelivered(world);
      const again = pickSeeded([...delivered.values()], REPLAYS, SEED);
      for (const { sender, id } of again) await world.stripe.redeliver(sender, id);
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
