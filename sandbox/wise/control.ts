import type { FastifyInstance } from 'fastify';
import { redeliverSchema } from '../control/control-schemas';
import type { World } from '../world';
import {
  balanceSchema,
  chargeSchema,
  fundSchema,
  moveSchema,
  policySchema,
  restateSchema,
  subscriptionSchema,
  type MoveInput,
} from './control-schemas';
import { TOLD, type WiseWorld } from './index';
import { lose, repeat, restate, type Restatement } from './slips';
import { WiseSandboxError, type TransferRecord, type WisePolicy } from './state';
import { publicKeyOf } from './wire';

type ById<T> = { Params: { id: string }; Body: T };

/** Wise's part of the control API, under `/sandbox/wise`. Amounts are minor units. */
export function registerWiseControl(app: FastifyInstance, world: () => World): void {
  const wise = (): WiseWorld => {
    world().runDueWork();
    return world().wise;
  };
  registerAccount(app, wise, () => world().options.publicUrl);
  registerMoney(app, wise);
  registerTransfers(app, wise);
  registerWebhooks(app, wise);
}

function registerAccount(app: FastifyInstance, wise: () => WiseWorld, publicUrl: () => string): void {
  app.get('/sandbox/wise/public-key', (_request, reply) => reply.type('text/plain').send(publicKeyOf(wise().book.key)));
  app.get('/sandbox/wise/credentials', () => {
    const { token, profileId, key } = wise().book;
    return { apiBase: publicUrl(), token, profileId: String(profileId), publicKey: publicKeyOf(key) };
  });
  app.get('/sandbox/wise/book', () => {
    const { book } = wise();
    return {
      ...{ profileId: book.profileId, policy: book.policy, balances: [...book.balances.values()] },
      ...{ movements: book.movements, quotes: [...book.quotes.values()], accounts: [...book.accounts.values()] },
      ...{ transfers: [...book.transfers.values()], subscriptions: [...book.subscriptions.values()] },
    };
  });
  app.post<{ Body: Partial<WisePolicy> }>('/sandbox/wise/policy', { schema: { body: policySchema } }, ({ body }) =>
    Object.assign(wise().book.policy, body),
  );
}

function registerMoney(app: FastifyInstance, wise: () => WiseWorld): void {
  app.post<{ Body: { currency: string; amount: number } }>(
    '/sandbox/wise/balances',
    { schema: { body: balanceSchema } },
    ({ body: { currency, amount } }) => {
      const { balances } = wise();
      const balance = balances.open(currency, wise().now());
      const movement = amount === 0 ? null : balances.topUp(balance, amount, wise().now());
      return { balance, movement };
    },
  );
  app.post<{ Body: { currency: string; amount: number } }>(
    '/sandbox/wise/charges',
    { schema: { body: chargeSchema } },
    ({ body: { currency, amount } }) => {
      const { balances } = wise();
      const balance = balances.open(currency, wise().now());
      return { movement: balances.charge(balance, amount, wise().now()), balance };
    },
  );
  app.post<ById<Restatement>>('/sandbox/wise/movements/:id/restate', { schema: { body: restateSchema } }, (request) =>
    restate(wise().book, Number(request.params.id), request.body),
  );
  app.post<ById<unknown>>('/sandbox/wise/movements/:id/repeat', (request) =>
    repeat(wise().book, Number(request.params.id), wise().now()),
  );
  app.post<ById<unknown>>('/sandbox/wise/movements/:id/lose', (request) =>
    lose(wise().book, Number(request.params.id)),
  );
}

function registerTransfers(app: FastifyInstance, wise: () => WiseWorld): void {
  const find = (id: string): TransferRecord => {
    const transfer = wise().book.transfers.get(Number(id));
    if (!transfer) throw new WiseSandboxError(`there is no transfer ${id}`, 404);
    return transfer;
  };
  app.post<ById<MoveInput>>('/sandbox/wise/transfers/:id/state', { schema: { body: moveSchema } }, (request) => {
    const { state, ...terms } = request.body;
    const transfer = find(request.params.id);
    wise().transfers.move(transfer, state, wise().now(), terms);
    return transfer;
  });
  app.post<ById<null>>('/sandbox/wise/transfers/:id/fund', { schema: { body: fundSchema } }, (request) => {
    const transfer = find(request.params.id);
    wise().transfers.fundByHand(transfer, wise().now());
    return transfer;
  });
}

function registerWebhooks(app: FastifyInstance, wise: () => WiseWorld): void {
  app.get('/sandbox/wise/subscriptions', () => ({ data: [...wise().book.subscriptions.values()] }));
  app.post<{ Body: { url: string; triggers?: string[]; replace?: boolean } }>(
    '/sandbox/wise/subscriptions',
    { schema: { body: subscriptionSchema } },
    ({ body: { url, triggers = TOLD, replace = false } }) => {
      const { subscriptions } = wise().book;
      const gone = [...subscriptions.values()].filter((one) => replace && one.url !== url);
      for (const { id } of gone) subscriptions.delete(id);
      const version = '4.0.0';
      return { data: triggers.map((trigger) => wise().subscribe({ name: `Kassa ${trigger}`, trigger, version, url })) };
    },
  );
  app.post<ById<unknown>>('/sandbox/wise/subscriptions/:id/test', ({ params }) => wise().sendTest(params.id));
  app.get('/sandbox/wise/events', () => ({
    data: [...wise().book.events.values()],
    deliveries: wise().deliverer.all(),
  }));
  app.post<ById<{ times?: number } | null>>(
    '/sandbox/wise/events/:id/redeliver',
    { schema: { body: redeliverSchema } },
    ({ params, body }) => {
      const event = wise().book.events.get(params.id);
      if (!event) throw new WiseSandboxError(`there is no event ${params.id}`, 404);
      return { data: wise().deliverer.redeliver(event, body?.times ?? 1) };
    },
  );
}
