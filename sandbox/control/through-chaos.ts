import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Chaos } from './chaos';

/** What answers a request, and in which words it fails. */
export interface Answering {
  /** @throws for callers that it does not know. */
  readonly admit: () => void;
  readonly run: () => object | null;
  readonly limited: (retryAfterSeconds: number) => Error;
  readonly failed: () => Error;
}

interface Surroundings {
  readonly chaos: Chaos;
  runDueWork(): void;
}

/**
 * Has a provider's API answer one request, with the faults that chaos has for it.
 * @returns what to send; undefined where the connection has been cut.
 * @throws what `admit`, `run`, `limited` and `failed` give.
 */
export async function throughChaos(
  world: Surroundings,
  request: FastifyRequest,
  reply: FastifyReply,
  answering: Answering,
): Promise<object | null | undefined> {
  const { chaos } = world;
  const cut = (): void => {
    reply.hijack();
    request.raw.socket.destroy();
  };
  if (chaos.plan.down) {
    cut();
    return undefined;
  }
  const { pathname } = new URL(request.url, 'http://sandbox');
  const { fault, latencyMs, answerMs, retryAfterSeconds } = chaos.forRequest(request.method, pathname);
  if (fault === 'error_429') throw answering.limited(retryAfterSeconds);
  if (latencyMs > 0) await wait(latencyMs);
  answering.admit();
  if (fault === 'error_500') throw answering.failed();
  world.runDueWork();
  const body = answering.run();
  if (answerMs > 0) await keepWaiting(reply, answerMs);
  if (fault === 'lose_answer') {
    cut();
    return undefined;
  }
  if (fault === 'error_500_after') throw answering.failed();
  return body;
}

/** Lets the caller wait for his answer, no longer than he does. */
export async function keepWaiting(reply: FastifyReply, ms: number): Promise<void> {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    gone.abort();
  });
  await wait(ms, undefined, { signal: gone.signal }).catch(() => undefined);
}
