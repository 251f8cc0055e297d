import type { FastifyInstance } from 'fastify';
import { redeliverSchema } from '../control/control-schemas';
import type { World } from '../world';
import { ACTIONS, productSchema, purchaseSchema, settingsSchema, type ActionInput } from './actions';
import { accountOf, CERTS_PATH, TOKEN_PATH } from './developer-api';
import type { GoogleWorld } from './index';
import type { Product } from './products';
import { GoogleSandboxError, type AppSettings } from './state';
import type { Purchase } from './till';

type ById<T> = { Params: { id: string }; Body: T };

/** Google Play's part of the control API, under `/sandbox/google`. */
export function registerGoogleControl(app: FastifyInstance, world: () => World): void {
  const google = (): GoogleWorld => {
    world().runDueWork();
    return world().google;
  };
  registerApp(app, google, () => world().options.publicUrl);
  registerPushes(app, google);
  app.post<{ Body: Purchase }>('/sandbox/google/purchases', { schema: { body: purchaseSchema } }, ({ body }) =>
    shown(google(), google().store.buy(body, google().now())),
  );
  app.get('/sandbox/google/subscriptions', () => ({ data: [...google().book.subscriptions.values()] }));
  app.get('/sandbox/google/purchases', () => ({ data: [...google().book.purchases.values()] }));
  app.get('/sandbox/google/orders', () => ({ data: [...google().book.orders.values()] }));
  for (const [name, { about, schema, run }] of Object.entries(ACTIONS)) {
    app.post<ById<ActionInput | null>>(
      `/sandbox/google/${about}/:id/${name}`,
      { schema: { body: schema } },
      (request) => {
        const { id } = request.params;
        run(google(), id, request.body ?? {});
        return about === 'orders' ? (google().book.orders.get(id) ?? {}) : shown(google(), id);
      },
    );
  }
}

function registerApp(app: FastifyInstance, google: () => GoogleWorld, publicUrl: () => string): void {
  app.get('/sandbox/google/credentials', () => {
    const { settings, keys } = google().book;
    const { packageName, pushAudience, pushAccount } = settings;
    return {
      ...{ packageName, pushAudience, pushAccount, certsUrl: `${publicUrl()}${CERTS_PATH}` },
      serviceAccount: {
        ...{ type: 'service_account', project_id: 'kassa-sandbox', private_key_id: keys.keyId },
        ...{ private_key: keys.accountKey, client_email: accountOf(packageName) },
        token_uri: `${publicUrl()}${TOKEN_PATH}`,
      },
    };
  });
  app.put<{ Body: Partial<AppSettings> }>(
    '/sandbox/google/settings',
    { schema: { body: settingsSchema } },
    ({ body }) => Object.assign(google().book.settings, body),
  );
  app.get('/sandbox/google/products', () => ({ data: google().book.products() }));
  app.post<{ Body: Product }>('/sandbox/google/products', { schema: { body: productSchema } }, ({ body }) => {
    if ((body.basePlanId === undefined) !== (body.period === undefined)) {
      throw new GoogleSandboxError('a base plan needs a period, and nothing else has one');
    }
    google().book.putProduct(body);
    return body;
  });
}

function registerPushes(app: FastifyInstance, google: () => GoogleWorld): void {
  app.get('/sandbox/google/pushes', () => ({
    data: [...google().book.pushes.values()],
    deliveries: google().deliverer.all(),
  }));
  app.post('/sandbox/google/pushes/test', () => ({ id: google().sendTest().id }));
  app.post<ById<{ times?: number } | null>>(
    '/sandbox/google/pushes/:id/redeliver',
    { schema: { body: redeliverSchema } },
    ({ params, body }) => {
      const push = google().book.pushes.get(params.id);
      if (!push) throw new GoogleSandboxError(`there is no push ${params.id}`, 404);
      return { data: google().deliverer.redeliver(push, body?.times ?? 1) };
    },
  );
}

/** What the app on the device gets, and how it stands. */
function shown({ book }: GoogleWorld, purchaseToken: string): object {
  const subscription = book.subscriptions.get(purchaseToken);
  return subscription
    ? { purchaseToken, orderId: subscription.latestOrderId, subscription }
    : { purchaseToken, orderId: book.purchase(purchaseToken).orderId, purchase: book.purchase(purchaseToken) };
}
