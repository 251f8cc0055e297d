import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { throughChaos } from '../control/through-chaos';
import type { World } from '../world';
import { forbidden, problems, unauthorized, WiseApiError } from './api-error';
import type { WiseWorld } from './index';
import { accountRoutes } from './api-accounts';
import { balanceRoutes } from './api-balances';
import { quoteRoutes } from './api-quotes';
import { subscriptionRoutes } from './api-subscriptions';
import { transferRoutes } from './api-transfers';
import type { Handler, Routes } from './call';
import { check } from './requests';

const ROUTES: Routes = {
  ...quoteRoutes,
  ...accountRoutes,
  ...transferRoutes,
  ...balanceRoutes,
  ...subscriptionRoutes,
};

/** Wise's API as far as Kassa uses it, with the parts of its sandbox that move transfers and money. */
export function registerWiseApi(app: FastifyInstance, world: () => World): void {
  app.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  for (const [operation, handler] of Object.entries(ROUTES)) {
    const [method = '', path = ''] = operation.split(' ');
    app.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: false,
      handler: (request, reply) => answer(world(), { operation, handler }, request, reply),
      // A body that is no JSON never meets the handler.
      errorHandler: (error, request, reply) => {
        const { statusCode = 500, message } = error;
        if (statusCode >= 500) throw error;
        send(world(), request, reply, problems(statusCode, { code: 'BAD_REQUEST', message }));
      },
    });
  }
}

interface Route {
  readonly operation: string;
  readonly handler: Handler;
}

async function answer(world: World, route: Route, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  try {
    const body = await throughChaos(world, request, reply, {
      admit: () => {
        checkCaller(world.wise, request);
      },
      run: () => perform(world, route, request),
      limited: tooMany,
      failed,
    });
    if (body !== undefined) send(world, request, reply, body);
  } catch (error) {
    if (!(error instanceof WiseApiError)) throw error;
    send(world, request, reply, error);
  }
}

function perform(world: World, { operation, handler }: Route, request: FastifyRequest): object | null {
  const { wise } = world;
  const query = { ...(request.query as Record<string, unknown>) };
  check(operation, query, request.body);
  const ids = request.params as Readonly<Record<string, string>>;
  return handler({ wise, now: wise.now(), ids, query, body: request.body });
}

function checkCaller(wise: WiseWorld, request: FastifyRequest): void {
  const { token: known, profileId: own } = wise.book;
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token !== known) throw unauthorized();
  const { profileId } = request.params as { profileId?: string };
  if (profileId !== undefined && profileId !== String(own)) throw forbidden(new Date(wise.now()).toISOString());
}

function send(world: World, request: FastifyRequest, reply: FastifyReply, outcome: object | WiseApiError | null): void {
  const at = new Date(world.wise.now());
  const { 'x-external-correlation-id': correlation } = request.headers;
  void reply.headers({
    date: at.toUTCString(),
    'x-trace-id': randomUUID().replaceAll('-', ''),
    ...(typeof correlation === 'string' && { 'x-external-correlation-id': correlation }),
  });
  if (outcome === null) void reply.status(204).send();
  else if (outcome instanceof WiseApiError) {
    const { status, headers, body } = outcome;
    void reply
      .status(status)
      .headers(headers)
      .send('errors' in body ? { timestamp: at.toISOString(), ...body } : body);
  } else void reply.status(200).send(outcome);
}

function tooMany(seconds: number): WiseApiError {
  const body = { errors: [{ code: 'TOO_MANY_REQUESTS', message: 'Rate limit exceeded.', arguments: [] }] };
  return new WiseApiError(429, body, { 'retry-after': String(seconds), 'x-rate-limited-by': 'wise-public-api' });
}

function failed(): WiseApiError {
  return problems(500, { code: 'UNEXPECTED_ERROR', message: 'Something went wrong, please try again later.' });
}
