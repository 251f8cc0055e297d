import { askChild } from './child';
import type { BenchServices } from './services';
import { WEBHOOK_SECRET } from './services';

/** Starts floor b in a process of its own. @returns the address of its webhook endpoint. */
export async function startFloor(services: BenchServices): Promise<{ url: string; stop(): void }> {
  const { answer, end } = askChild<number>('floor-server.ts', {
    databaseUrl: services.floorUrl,
    secret: WEBHOOK_SECRET,
  });
  return { url: `http://127.0.0.1:${await answer}/webhooks/stripe`, stop: end };
}
