import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sign, verify } from 'jsonwebtoken';
import { throughChaos } from '../control/through-chaos';
import { decodeForm } from '../stripe/http/form';
import type { World } from '../world';
import type { GoogleWorld } from './index';
import { certsOf, publicKeyOf } from './keys';
import { GoogleSandboxError } from './state';
import { orderShown, productShown, subscriptionShown, voidedShown } from './wire';

export const CERTS_PATH = '/google/oauth2/v1/certs';
export const TOKEN_PATH = '/google/token';
const API = '/androidpublisher/v3/applications/:packageName';
const ACCOUNT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SCOPE = 'https://www.googleapis.com/auth/androidpublisher';
const DAY_MS = 86_400_000;
/** So long Google remembers what has ended, and lists what was given back. */
const REMEMBERED_MS = 60 * DAY_MS;
const LISTED_MS = 30 * DAY_MS;
const PAGE = 100;
const ORDERS = 1000;

type Handler = (google: GoogleWorld, request: FastifyRequest) => object;

/** An error as Google's APIs answer it. */
class GoogleApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }

  get body(): object {
    const { status: code, reason, message } = this;
    return { error: { code, message, errors: [{ message, domain: 'androidpublisher', reason }] } };
  }
}

/** The Google Play Developer API as far as Kassa uses it, with what signs its callers in. */
export function registerDeveloperApi(app: FastifyInstance, world: () => World): void {
  app.get(CERTS_PATH, (_request, reply) =>
    reply.header('cache-control', 'public, max-age=3600').send(certsOf(world().google.book.keys)),
  );
  app.post<{ Body: string | undefined }>(TOKEN_PATH, ({ body }, reply) => signIn(world(), body ?? '', reply));
  const route = (method: 'GET' | 'POST', url: string, handler: Handler): void => {
    app.route({ method, url: `${API}${url}`, handler: (request, reply) => answer(world(), request, reply, handler) });
  };
  route('GET', '/purchases/subscriptionsv2/tokens/:token', subscription);
  route('GET', '/purchases/productsv2/tokens/:token', product);
  route('GET', '/orders/:orderId', order);
  route('GET', '/orders::batchGet', orders);
  route('GET', '/purchases/voidedpurchases', voided);
  route('POST', '/purchases/subscriptions/:id/tokens/:action', (google, request) => {
    const { token, action } = actionOf(request);
    if (action !== 'acknowledge' || !google.book.subscriptions.has(token)) throw noToken();
    return acted(() => {
      google.store.acknowledge(token);
    });
  });
  route('POST', '/purchases/products/:id/tokens/:action', (google, request) => {
    const { token, action, id } = actionOf(request);
    if (google.book.purchases.get(token)?.productId !== id) throw noToken();
    return acted(() => {
      if (action === 'consume') google.store.consume(token);
      else google.store.acknowledge(token);
    });
  });
}

async function answer(world: World, request: FastifyRequest, reply: FastifyReply, handler: Handler): Promise<void> {
  const { google } = world;
  try {
    const body = await throughChaos(world, request, reply, {
      admit: () => {
        checkBearer(google, request);
      },
      run: () => handler(google, request),
      limited: (seconds) => {
        void reply.header('retry-after', String(seconds));
        return new GoogleApiError(429, 'rateLimitExceeded', 'Quota exceeded.');
      },
      failed: () => new GoogleApiError(500, 'backendError', 'Internal error encountered.'),
    });
    if (body) await send(world, reply, 200, body);
  } catch (error) {
    if (!(error instanceof GoogleApiError)) throw error;
    await send(world, reply, error.status, error.body);
  }
}

function send(world: World, reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .status(status)
    .header('date', new Date(world.clock.now() * 1000).toUTCString())
    .send(body);
}

/** RFC 7523: an assertion of the service account's for an access token. */
function signIn(world: World, body: string, reply: FastifyReply): FastifyReply {
  const form = decodeForm(body);
  const { keys, settings } = world.google.book;
  try {
    if (form['grant_type'] !== ACCOUNT_GRANT || typeof form['assertion'] !== 'string') throw new Error('no assertion');
    const claims = verify(form['assertion'], publicKeyOf(keys.accountKey), { algorithms: ['RS256'] });
    if (typeof claims === 'string' || claims['scope'] !== SCOPE) throw new Error('another scope');
    if (claims.iss !== accountOf(settings.packageName)) throw new Error('another account');
  } catch (error) {
    const description = error instanceof Error ? error.message : '';
    return reply.status(400).send({ error: 'invalid_grant', error_description: description });
  }
  const token = sign({ scope: SCOPE }, keys.accountKey, { algorithm: 'RS256', expiresIn: 3600, jwtid: randomUUID() });
  return reply.send({ access_token: token, expires_in: 3600, token_type: 'Bearer' });
}

/** The service account's address. */
export function accountOf(packageName: string): string {
  return `kassa@${packageName.replaceAll('.', '-')}.iam.gserviceaccount.com`;
}

function checkBearer({ book }: GoogleWorld, request: FastifyRequest): void {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  try {
    verify(token, publicKeyOf(book.keys.accountKey), { algorithms: ['RS256'] });
  } catch {
    throw new GoogleApiError(401, 'authError', 'Request had invalid authentication credentials.');
  }
  const { packageName } = request.params as { packageName: string };
  if (packageName !== book.settings.packageName) {
    throw new GoogleApiError(404, 'applicationNotFound', `No application was found for ${packageName}.`);
  }
}

const noToken = (): GoogleApiError =>
  new GoogleApiError(404, 'purchaseTokenNotFound', 'The purchase token was not found.');

function tokenOf(request: FastifyRequest): string {
  return (request.params as { token: string }).token;
}

function actionOf(request: FastifyRequest): { token: string; action: string; id: string } {
  const { id, action: text } = request.params as { id: string; action: string };
  const [, token, action] = /^(.+):(acknowledge|consume)$/.exec(text) ?? [];
  if (token === undefined || action === undefined) throw noToken();
  return { token, action, id };
}

function acted(run: () => void): object {
  try {
    run();
    return {};
  } catch (error) {
    if (!(error instanceof GoogleSandboxError)) throw error;
    throw new GoogleApiError(400, 'productNotOwnedByUser', error.message);
  }
}

function subscription(google: GoogleWorld, request: FastifyRequest): object {
  const record = google.book.subscriptions.get(tokenOf(request));
  if (!record) throw noToken();
  if (record.state === 'EXPIRED' && record.expiryTime < google.now() - REMEMBERED_MS) {
    throw new GoogleApiError(410, 'purchaseTokenNoLongerValid', 'The purchase token is no longer valid.');
  }
  return subscriptionShown(record);
}

function product(google: GoogleWorld, request: FastifyRequest): object {
  const record = google.book.purchases.get(tokenOf(request));
  if (!record) throw noToken();
  return productShown(record);
}

function order(google: GoogleWorld, request: FastifyRequest): object {
  return orderOf(google, (request.params as { orderId: string }).orderId);
}

/** All of them or none. */
function orders(google: GoogleWorld, request: FastifyRequest): object {
  const { orderIds = [] } = request.query as { orderIds?: string | string[] };
  const ids = [orderIds].flat();
  if (ids.length === 0 || ids.length > ORDERS || new Set(ids).size < ids.length) {
    throw new GoogleApiError(400, 'invalid', 'Invalid Value');
  }
  return { orders: ids.map((id) => orderOf(google, id)) };
}

function orderOf({ book }: GoogleWorld, orderId: string): object {
  const found = book.orders.get(orderId);
  if (!found) throw new GoogleApiError(404, 'orderNotFound', 'The order was not found.');
  return orderShown(found);
}

interface VoidedQuery {
  readonly startTime?: string;
  readonly endTime?: string;
  readonly type?: string;
  readonly token?: string;
}

function voided(google: GoogleWorld, request: FastifyRequest): object {
  const query = request.query as VoidedQuery;
  const oldest = google.now() - LISTED_MS;
  // A page's token holds the range it is of.
  const place = query.token === undefined ? null : Buffer.from(query.token, 'base64url').toString().split(':');
  const [from, to, start] = place
    ? place.map(Number)
    : [Number(query.startTime ?? oldest), Number(query.endTime ?? google.now()), 0];
  if (from === undefined || to === undefined || start === undefined || from < oldest || to > google.now()) {
    throw new GoogleApiError(400, 'invalid', 'Invalid Value');
  }
  const both = query.type === '1';
  const all = google.book.voided.filter(
    ({ at, token }) => at >= from && at <= to && (both || google.book.purchases.has(token)),
  );
  const page = all.slice(start, start + PAGE);
  const next = start + page.length;
  const token = Buffer.from(`${from}:${to}:${next}`).toString('base64url');
  return {
    ...(page.length > 0 && { voidedPurchases: page.map(voidedShown) }),
    ...(next < all.length && { tokenPagination: { nextPageToken: token } }),
  };
}
