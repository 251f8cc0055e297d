import { askChild } from './child';
import type { LoadInput, LoadOutput } from './load-process';
import { percentile } from './report';

export interface LoadFigures {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Sends distinct signed events as fast as they are answered. @throws when an answer was not 200. */
export async function load(input: LoadInput): Promise<LoadFigures> {
  const child = askChild<LoadOutput>('load-process.ts', input);
  const { milliseconds, latencies } = await child.answer;
  child.end();
  const all = [...latencies];
  return {
    requestsPerSecond: (input.requests * 1000) / milliseconds,
    p50: percentile(all, 0.5),
    p99: percentile(all, 0.99),
  };
}
