import { Client } from 'pg';
import { startFloor } from './support/floor';
import { load, type LoadFigures } from './support/load';
import { median, type Benchmark, type CaseResult } from './support/report';
import { startBenchServices, WEBHOOK_SECRET } from './support/services';

const ROUNDS = 5;
const CONNECTIONS = [50, 10] as const;
const REQUESTS = 8_000;

type Side = 'ours' | 'floor';

/** Accepting a signed webhook durably: what a provider waits for. */
export const bench: Benchmark = {
  name: 'webhook-ingest',
  about: 'signed Stripe events, stored before the answer; floor: bare Fastify, signature check, one INSERT each',
  run: async (say) => {
    const services = await startBenchServices();
    try {
      const kassa = await services.startKassa('api');
      const floor = await startFloor(services);
      const urls = { ours: `${kassa.url}/v1/webhooks/stripe`, floor: floor.url };
      const figures = await measure(urls, say);
      await expectStored(services.databaseUrl, services.floorUrl);
      floor.stop();
      return CONNECTIONS.flatMap((connections) => casesOf(connections, figures));
    } finally {
      await services.stop();
    }
  },
};

type Figures = Map<string, LoadFigures[]>;

/** Interleaved, and each side first in turn: whatever else the machine does meanwhile, it does to both. */
async function measure(urls: Record<Side, string>, say: (line: string) => void): Promise<Figures> {
  const figures: Figures = new Map();
  // Round 0 warms up compilers, caches and connections.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const connections of CONNECTIONS) {
      for (const side of round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const)) {
        const measured = await load({ url: urls[side], secret: WEBHOOK_SECRET, connections, requests: REQUESTS });
        if (round === 0) continue;
        const key = `${side} ${connections}`;
        figures.set(key, [...(figures.get(key) ?? []), measured]);
        const { requestsPerSecond, p50, p99 } = measured;
        say(
          `round ${round}, ${connections} connections, ${side}: ${Math.round(requestsPerSecond)} requests/s, ` +
            `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
        );
      }
    }
  }
  return figures;
}

function casesOf(connections: number, figures: Figures): CaseResult[] {
  const of = (side: Side, figure: keyof LoadFigures): number =>
    median((figures.get(`${side} ${connections}`) ?? []).map((round) => round[figure]));
  const caseOf = (name: string, figure: keyof LoadFigures, unit: string): CaseResult => ({
    case: `${connections} connections, ${name}`,
    ours: of('ours', figure),
    floor: of('floor', figure),
    unit,
  });
  return [
    caseOf('throughput', 'requestsPerSecond', 'requests/s'),
    caseOf('p50', 'p50', 'ms'),
    caseOf('p99', 'p99', 'ms'),
  ];
}

/** Every answer was a 200, so every event must be there: a server that loses some is not fast. */
async function expectStored(databaseUrl: string, floorUrl: string): Promise<void> {
  const sent = REQUESTS * CONNECTIONS.length * (ROUNDS + 1);
  for (const [table, url] of [
    ['inbox_events', databaseUrl],
    ['floor_events', floorUrl],
  ] as const) {
    const client = new Client({ connectionString: url, ...(table === 'inbox_events' && { options: SERVICE_ROLE }) });
    await client.connect();
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    await client.end();
    if (rows[0]?.n !== sent) throw new Error(`${sent} events were answered with 200, ${table} has ${rows[0]?.n ?? 0}`);
  }
}

const SERVICE_ROLE = '-c role=kassa_service';
