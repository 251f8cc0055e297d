import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AppConfig } from '../../config';
import type { Metrics } from '../../metrics';
import { notFound } from '../../../shared/app-error';
import { answerError } from '../errors/error.filter';

/** At `info` they would drown the rest. */
const WATCHERS = /^\/(v1\/)?(health\/|metrics)/;

/** One metric and one log line per answered request. */
export function observeRequests(instance: FastifyInstance, metrics: Metrics): void {
  instance.addHook('onResponse', (request, reply, done) => {
    const route = routeOf(request);
    metrics.httpDuration.observe(
      { method: request.method, route, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
    const line = {
      method: request.method,
      // Without the query, which may hold what must not be logged.
      path: request.url.split('?', 1)[0],
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(request.errorCode !== undefined && { code: request.errorCode }),
    };
    if (isRoutine(request, reply)) request.log.debug(line, 'Answered');
    else request.log.info(line, 'Answered');
    done();
  });
}

/** What machines ask every few seconds, hot reads, and deliveries that were taken: each of those has a row that says more. */
function isRoutine(request: FastifyRequest, reply: FastifyReply): boolean {
  const taken = request.routeOptions.config.bodyAsBytes === true && reply.statusCode < 300;
  return taken || request.isHot || WATCHERS.test(request.url);
}

/** ROLE=worker serves health and metrics only; whatever else is asked of it does not exist there. */
export function serveOnlyWatchers(instance: FastifyInstance, config: AppConfig): void {
  if (config.role !== 'worker') return;
  instance.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    if (WATCHERS.test(request.url)) done();
    else answerError(notFound('NOT_FOUND', 'This process serves health and metrics only'), request, reply);
  });
}

/** The template without the version, so that /v1/x and /x are one series; unknown addresses are one series together. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url?.replace(/^\/v1(?=\/)/, '') ?? 'unknown';
}
