import { Redis } from 'ioredis';
import { TEST_AUTH } from '../../test/support/tokens';
import { askChild } from './child';
import type { LoadFigures } from './load';
import type { LoadOutput } from './load-process';
import { median, percentile, type CaseResult } from './report';
import type { BenchServices } from './services';

const ROUNDS = 5;
const CONNECTIONS = 50;
const REQUESTS = 20_000;
/** As many as there are requests and more: what is measured includes the counting, not the refusing. */
export const NO_LIMIT = { RATE_LIMIT_PER_MINUTE: '1000000' };

export interface ReadCase {
  /** Path and query, the same on both sides. */
  readonly path: string;
  readonly kassaUrl: string;
  /** Of each connection to us; the floor asks nobody who he is. */
  readonly headers: readonly Readonly<Record<string, string>>[];
  /** Name of our cache's kind in the metrics. */
  readonly kind: string;
}

type Side = 'ours' | 'floor';

/** One cached GET, beside bare Fastify with one Redis GET of the very same answer. Interleaved, each side first in turn. */
export async function benchRead(
  services: BenchServices,
  { path, kassaUrl, headers, kind }: ReadCase,
  say: (line: string) => void,
): Promise<CaseResult[]> {
  const floor = await startReadFloor(services, path, await answerOf(kassaUrl + path, headers[0] ?? {}));
  const urls = { ours: kassaUrl + path, floor: floor.url + path };
  const figures: Record<Side, LoadFigures[]> = { ours: [], floor: [] };
  // Round 0 warms up compilers, caches and connections.
  const cpu: Record<Side, number[]> = { ours: [], floor: [] };
  const cpuOf = { ours: () => cpuOfKassa(kassaUrl), floor: () => cpuOfFloor(floor.url) };
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const side of round % 2 === 0 ? (['ours', 'floor'] as const) : (['floor', 'ours'] as const)) {
      const before = await cpuOf[side]();
      const measured = await loadReads(urls[side], headers);
      if (round === 0) continue;
      figures[side].push(measured);
      cpu[side].push((((await cpuOf[side]()) - before) / REQUESTS) * 1e6);
      const { requestsPerSecond, p50, p99 } = measured;
      say(
        `round ${round}, ${side}: ${Math.round(requestsPerSecond)} requests/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
      );
    }
  }
  floor.stop();
  await expectHits(kassaUrl, kind);
  const caseOf = (name: string, figure: keyof LoadFigures, unit: string): CaseResult => ({
    case: `${CONNECTIONS} connections, ${name}`,
    ours: median(figures.ours.map((round) => round[figure])),
    floor: median(figures.floor.map((round) => round[figure])),
    unit,
  });
  return [
    caseOf('throughput', 'requestsPerSecond', 'requests/s'),
    caseOf('p50', 'p50', 'ms'),
    caseOf('p99', 'p99', 'ms'),
    // The one figure that a busy machine does not spoil.
    {
      case: `${CONNECTIONS} connections, CPU of the process`,
      ours: median(cpu.ours),
      floor: median(cpu.floor),
      unit: 'us/request',
    },
  ];
}

async function answerOf(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(url, { headers });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

async function startReadFloor(
  { redisUrl }: BenchServices,
  pathAndQuery: string,
  value: string,
): Promise<{ url: string; stop(): void }> {
  const key = 'floor:answer';
  const redis = new Redis(redisUrl);
  await redis.set(key, value);
  await redis.quit();
  const path = pathAndQuery.split('?')[0];
  const { answer, end } = askChild<number>('read-floor-server.ts', { redisUrl, path, key });
  return { url: `http://127.0.0.1:${await answer}`, stop: end };
}

async function loadReads(url: string, headers: ReadCase['headers']): Promise<LoadFigures> {
  const input = { url, connections: CONNECTIONS, requests: REQUESTS, headers };
  const child = askChild<LoadOutput>('read-load-process.ts', input);
  const { milliseconds, latencies } = await child.answer;
  child.end();
  const all = [...latencies];
  return {
    requestsPerSecond: (REQUESTS * 1000) / milliseconds,
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
  };
}

async function cpuOfFloor(url: string): Promise<number> {
  const { seconds } = JSON.parse(await answerOf(`${url}/cpu`, {})) as { seconds: number };
  return seconds;
}

async function cpuOfKassa(url: string): Promise<number> {
  return metricOf(await metricsOf(url), 'process_cpu_seconds_total');
}

const metricsOf = (kassaUrl: string): Promise<string> =>
  answerOf(`${kassaUrl}/metrics`, { 'x-internal-api-key': TEST_AUTH.internalApiKey });

/** Pure: a figure of a Prometheus page; 0 where it does not stand there. */
function metricOf(page: string, nameAndLabels: string): number {
  const line = page.split('\n').find((text) => text.startsWith(`${nameAndLabels} `));
  return Number(line?.slice(nameAndLabels.length + 1) ?? 0);
}

/** What is fast because Redis was left alone has measured something else. An entry ends now and then; few may miss. */
async function expectHits(kassaUrl: string, kind: string): Promise<void> {
  const page = await metricsOf(kassaUrl);
  const count = (outcome: string): number =>
    metricOf(page, `kassa_cache_reads_total{kind="${kind}",outcome="${outcome}"}`);
  const [hits, others] = [count('hit'), count('miss') + count('away')];
  if (hits < REQUESTS * ROUNDS || others > hits / 100) {
    throw new Error(`${hits} answers came from the cache, ${others} did not`);
  }
}
