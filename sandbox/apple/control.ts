import type { FastifyInstance } from 'fastify';
import { redeliverSchema } from '../control/control-schemas';
import type { World } from '../world';
import { ACTIONS, productSchema, purchaseSchema, settingsSchema, shareSchema, type ActionInput } from './actions';
import type { AppleWorld } from './index';
import type { Product } from './products';
import { AppleSandboxError, type AppSettings } from './state';
import type { Purchase } from './purchase';
import type { TransactionInfo } from './wire';

type ById<T> = { Params: { id: string }; Body: T };

/** The App Store's part of the control API, under `/sandbox/apple`. */
export function registerAppleControl(app: FastifyInstance, world: () => World): void {
  const apple = (): AppleWorld => {
    world().runDueWork();
    return world().apple;
  };
  registerApp(app, apple);
  registerPurchases(app, apple);
  for (const [name, { about, schema, run }] of Object.entries(ACTIONS)) {
    app.post<ById<ActionInput | null>>(
      `/sandbox/apple/${about}/:id/${name}`,
      { schema: { body: schema } },
      (request) => {
        const { id } = request.params;
        run(apple(), id, request.body ?? {});
        if (about === 'subscriptions') return apple().book.subscription(id);
        const left = apple().book.transactions.get(id);
        return left ? shown(apple(), left) : {};
      },
    );
  }
}

function registerApp(app: FastifyInstance, apple: () => AppleWorld): void {
  app.get('/sandbox/apple/root.cer', (_request, reply) =>
    reply.type('application/pkix-cert').send(Buffer.from(apple().book.chain.x5c[2] ?? '', 'base64')),
  );
  app.get('/sandbox/apple/credentials', () => {
    const { settings, apiKey } = apple().book;
    return { bundleId: settings.bundleId, appId: settings.appId, environment: settings.environment, ...apiKey };
  });
  app.put<{ Body: Partial<AppSettings> }>('/sandbox/apple/settings', { schema: { body: settingsSchema } }, ({ body }) =>
    Object.assign(apple().book.settings, body),
  );
  app.get('/sandbox/apple/products', () => ({ data: apple().book.products() }));
  app.post<{ Body: Product }>('/sandbox/apple/products', { schema: { body: productSchema } }, ({ body }) => {
    if (body.type === 'Auto-Renewable Subscription' && (body.group === undefined || body.period === undefined)) {
      throw new AppleSandboxError('a subscription needs a group and a period');
    }
    apple().book.putProduct(body);
    return body;
  });
  app.get('/sandbox/apple/notifications', () => ({
    data: [...apple().book.notifications.values()],
    deliveries: apple().deliverer.all(),
  }));
  app.post('/sandbox/apple/notifications/test', () => ({ id: apple().sendTest() }));
  app.post<ById<{ times?: number } | null>>(
    '/sandbox/apple/notifications/:id/redeliver',
    { schema: { body: redeliverSchema } },
    ({ params, body }) => {
      const notification = apple().book.notifications.get(params.id);
      if (!notification) throw new AppleSandboxError(`there is no notification ${params.id}`, 404);
      return { data: apple().deliverer.redeliver(notification, body?.times ?? 1) };
    },
  );
}

function registerPurchases(app: FastifyInstance, apple: () => AppleWorld): void {
  app.post<{ Body: Purchase }>('/sandbox/apple/purchases', { schema: { body: purchaseSchema } }, ({ body }) =>
    shown(apple(), apple().store.buy(body, apple().now())),
  );
  app.post<ById<{ appAccountToken?: string }>>(
    '/sandbox/apple/subscriptions/:id/share',
    { schema: { body: shareSchema } },
    ({ params, body }) => shown(apple(), apple().store.share(params.id, body.appAccountToken, apple().now())),
  );
  app.post<ById<{ appAccountToken?: string }>>(
    '/sandbox/apple/transactions/:id/share',
    { schema: { body: shareSchema } },
    ({ params, body }) => shown(apple(), apple().store.shareOnce(params.id, body.appAccountToken, apple().now())),
  );
  app.get('/sandbox/apple/subscriptions', () => ({ data: [...apple().book.subscriptions.values()] }));
  app.get('/sandbox/apple/transactions', () => ({ data: [...apple().book.transactions.values()] }));
  app.get<ById<unknown>>('/sandbox/apple/transactions/:id', ({ params }) =>
    shown(apple(), apple().book.transaction(params.id)),
  );
}

/** With the signed form, which is what the app on the device gets. */
function shown(apple: AppleWorld, transaction: TransactionInfo): object {
  return { transaction, signedTransaction: apple.book.sign(transaction, apple.now()).jws };
}
