import { RouteConfig, type FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { DEFAULT_BODY_LIMIT } from './body-limit';

/** The handler takes the body as bytes, `request.rawBody`, and reads it itself once it knows whom they are from. */
export const BodyAsBytes = () => RouteConfig({ bodyAsBytes: true });

/** JSON is the only kind of body there is; its bytes are kept beside. */
export function acceptJsonBodies(adapter: FastifyAdapter): void {
  const parse = adapter.getInstance<FastifyInstance>().getDefaultJsonParser('error', 'error');
  adapter.useBodyParser('application/json', true, { bodyLimit: DEFAULT_BODY_LIMIT }, (request, body, done) => {
    if (request.routeOptions.config.bodyAsBytes) done(null, undefined);
    else void parse(request, body as unknown as string, done);
  });
}
