import type { FastifyInstance, FastifyReply } from 'fastify';
import type { SandboxSettings } from '../stripe/engine';
import type { Delivery } from '../webhooks/deliverer';
import { renderEndpoint } from '../stripe/webhooks/routes';
import type { World } from '../world';
import type { ChaosPlan } from './chaos';
import { registerPayments } from './payments-api';
import {
  authenticateSchema,
  cardSchema,
  chaosSchema,
  clockSchema,
  endpointSchema,
  flushSchema,
  redeliverSchema,
  rotateSchema,
  settingsSchema,
} from './control-schemas';
import { registerMoney } from './money-api';

/**
 * The control API: JSON under `/sandbox`, for tests, demos and the dashboard. It is no part of Stripe.
 * @param reset replaces the world by an empty one.
 */
export function registerControl(app: FastifyInstance, world: () => World, reset: () => void): void {
  registerClock(app, world);
  registerChaos(app, world);
  registerDeliveries(app, world);
  registerEndpoints(app, world);
  registerBank(app, world);
  registerPayments(app, world);
  registerMoney(app, () => world().engine.control.money);
  app.get('/sandbox/state', () => ({ seed: world().options.seed, ...world().engine.control.snapshot() }));
  app.post('/sandbox/reset', (_request, reply) => {
    reset();
    return reply.status(204).send();
  });
}

function registerClock(app: FastifyInstance, world: () => World): void {
  const show = (): object => ({ now: world().clock.now(), nextDue: world().nextDue() });
  app.get('/sandbox/clock', show);
  app.post<{ Body: { to: number } | { advanceSeconds: number } }>(
    '/sandbox/clock',
    { schema: { body: clockSchema } },
    ({ body }, reply) => {
      const now = world().clock.now();
      const to = 'to' in body ? body.to : now + body.advanceSeconds;
      if (to < now) return refuse(reply, `the clock stands at ${now} and cannot go back to ${to}`);
      world().moveClock(to);
      return reply.send(show());
    },
  );
}

function registerChaos(app: FastifyInstance, world: () => World): void {
  const show = (): object => ({ seed: world().options.seed, ...world().chaos.plan });
  app.get('/sandbox/chaos', show);
  app.put<{ Body: Partial<ChaosPlan> }>('/sandbox/chaos', { schema: { body: chaosSchema } }, ({ body }) => {
    world().chaos.set(body);
    return show();
  });
}

function registerDeliveries(app: FastifyInstance, world: () => World): void {
  app.get('/sandbox/events', () => ({ data: world().events.all() }));
  app.get('/sandbox/deliveries', () => ({ data: world().deliverer.all() }));
  app.post<{ Body: { hurry?: boolean; timeoutMs?: number } | null }>(
    '/sandbox/deliveries/flush',
    { schema: { body: flushSchema } },
    ({ body }) => world().flush({ hurry: body?.hurry ?? false, timeoutMs: body?.timeoutMs ?? 30_000 }),
  );
  app.post<{ Params: { id: string }; Body: { times?: number } | null }>(
    '/sandbox/events/:id/redeliver',
    { schema: { body: redeliverSchema } },
    ({ params, body }, reply) => {
      const event = world().events.get(params.id);
      if (!event) return refuse(reply, `no event ${params.id}`, 404);
      const deliveries: Delivery[] = world().deliverer.redeliver(event, body?.times ?? 1);
      return reply.send({ data: deliveries });
    },
  );
}

function registerEndpoints(app: FastifyInstance, world: () => World): void {
  const show = (): object => ({
    data: world()
      .endpoints.list()
      .map((endpoint) => ({ ...renderEndpoint(endpoint), secrets: endpoint.secrets.map((s) => s.value) })),
  });
  app.get('/sandbox/webhook_endpoints', show);
  app.post<{ Body: { url: string; secret?: string; enabledEvents?: string[]; apiVersion?: string } }>(
    '/sandbox/webhook_endpoints',
    { schema: { body: endpointSchema } },
    ({ body }) => {
      const endpoint = world().endpoints.add(body);
      return { ...renderEndpoint(endpoint), secret: endpoint.secrets[0]?.value };
    },
  );
  app.post<{ Params: { id: string }; Body: { overlapSeconds?: number; secret?: string } | null }>(
    '/sandbox/webhook_endpoints/:id/rotate',
    { schema: { body: rotateSchema } },
    ({ params, body }, reply) => {
      const endpoint = world().endpoints.get(params.id);
      if (!endpoint) return refuse(reply, `no webhook endpoint ${params.id}`, 404);
      return reply.send({ secret: world().endpoints.rotate(endpoint, body?.overlapSeconds ?? 3600, body?.secret) });
    },
  );
}

function registerBank(app: FastifyInstance, world: () => World): void {
  const control = (): World['engine']['control'] => world().engine.control;
  app.post<{ Body: { behavior: string } & ({ paymentMethod: string } | { customer: string }) }>(
    '/sandbox/cards',
    { schema: { body: cardSchema } },
    ({ body }) => {
      if ('customer' in body) return { data: control().setCustomerCardsBehavior(body.customer, body.behavior) };
      control().setCardBehavior(body.paymentMethod, body.behavior);
      return { data: [body.paymentMethod] };
    },
  );
  app.post<{ Body: { intent: string; granted: boolean } }>(
    '/sandbox/authenticate',
    { schema: { body: authenticateSchema } },
    ({ body }, reply) => {
      control().authenticate(body.intent, body.granted);
      return reply.status(204).send();
    },
  );
  app.put<{ Body: Partial<SandboxSettings> }>('/sandbox/settings', { schema: { body: settingsSchema } }, ({ body }) => {
    control().configure(body);
    return control().snapshot().settings;
  });
}

function refuse(reply: FastifyReply, message: string, status = 400): FastifyReply {
  return reply.status(status).send({ error: { type: 'invalid_request_error', message } });
}
