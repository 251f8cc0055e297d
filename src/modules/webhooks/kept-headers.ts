import type { FastifyRequest } from 'fastify';

/** What may matter when an event is looked at later; the signature itself proves nothing by then. */
export function keptHeaders(request: FastifyRequest): Record<string, string> {
  const kept = ['content-type', 'user-agent', 'x-request-id'].flatMap((name) => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value.slice(0, 255)]] : [];
  });
  return Object.fromEntries(kept) as Record<string, string>;
}
