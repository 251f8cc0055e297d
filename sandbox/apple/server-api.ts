import { createPublicKey } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { verify } from 'jsonwebtoken';
import { throughChaos } from '../control/through-chaos';
import type { World } from '../world';
import type { AppleWorld } from './index';
import { notificationHistory } from './notification-history';
import { AppleApiError } from './server-api-errors';
import type { TransactionInfo } from './wire';

const PAGE = 20;

type Handler = (apple: AppleWorld, request: FastifyRequest) => object;

/** The App Store Server API, as far as Kassa uses it. */
export function registerServerApi(app: FastifyInstance, world: () => World): void {
  const route = (method: 'GET' | 'POST', url: string, handler: Handler): void => {
    app.route({
      method,
      url,
      handler: (request, reply) => answer(world(), request, reply, handler),
    });
  };
  route('GET', '/inApps/v1/transactions/:id', (apple, request) => {
    const transaction = find(apple, request);
    return { signedTransactionInfo: apple.book.sign(transaction, apple.now()).jws };
  });
  route('GET', '/inApps/v1/subscriptions/:id', statuses);
  route('GET', '/inApps/v2/history/:id', history);
  route('POST', '/inApps/v1/notifications/history', notificationHistory);
  route('POST', '/inApps/v1/notifications/test', (apple) => {
    if (apple.book.settings.notificationUrl === null) {
      throw new AppleApiError(404, 4040007, 'No App Store Server Notification URL found for provided app.');
    }
    return { testNotificationToken: apple.sendTest() };
  });
}

async function answer(world: World, request: FastifyRequest, reply: FastifyReply, handler: Handler): Promise<void> {
  const { apple } = world;
  try {
    const body = await throughChaos(world, request, reply, {
      admit: () => {
        checkBearer(apple, request.headers.authorization);
      },
      run: () => handler(apple, request),
      limited: (seconds) => {
        // Apple names the moment, in milliseconds of real time, and not how long to wait.
        void reply.header('retry-after', String(Date.now() + seconds * 1000));
        return new AppleApiError(429, 4290000, 'Rate limit exceeded.');
      },
      failed: () => new AppleApiError(500, 5000001, 'An unknown error occurred. Please try again.'),
    });
    if (body) await send(world, reply, 200, body);
  } catch (error) {
    if (!(error instanceof AppleApiError)) throw error;
    await send(world, reply, error.status, error.body);
  }
}

function send(world: World, reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .status(status)
    .header('date', new Date(world.clock.now() * 1000).toUTCString())
    .send(body);
}

/** @throws AppleApiError 401 for anything but a token of our key, for this app, of real time and not for longer than an hour. */
function checkBearer({ book }: AppleWorld, authorization: string | undefined): void {
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
  const { issuerId, keyId, privateKey } = book.apiKey;
  try {
    const { header, payload } = verify(token, createPublicKey(privateKey), {
      algorithms: ['ES256'],
      audience: 'appstoreconnect-v1',
      issuer: issuerId,
      complete: true,
    });
    if (header.kid !== keyId || typeof payload === 'string') throw new Error('another key');
    if (payload['bid'] !== book.settings.bundleId) throw new Error('another app');
    if ((payload.exp ?? Infinity) - (payload.iat ?? 0) > 3600) throw new Error('it lives too long');
  } catch {
    throw new AppleApiError(401, null, 'Unauthenticated');
  }
}

function idOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  if (!/^\d{1,30}$/.test(id)) throw new AppleApiError(400, 4000006, 'Invalid transaction id.');
  return id;
}

function find({ book }: AppleWorld, request: FastifyRequest): TransactionInfo {
  const transaction = book.transactions.get(idOf(request));
  if (!transaction) throw new AppleApiError(404, 4040010, 'Transaction id not found.');
  return transaction;
}

function statuses(apple: AppleWorld, request: FastifyRequest): object {
  const { book } = apple;
  const account = book.accountOf(find(apple, request).transactionId);
  const wanted = [(request.query as { status?: string | string[] }).status ?? []].flat().map(Number);
  const groups = new Map<string, object[]>();
  for (const record of book.subscriptions.values()) {
    if (record.account !== account || (wanted.length > 0 && !wanted.includes(record.status))) continue;
    const item = {
      status: record.status,
      originalTransactionId: record.originalTransactionId,
      signedTransactionInfo: book.sign(book.transaction(record.latest), apple.now()).jws,
      signedRenewalInfo: book.sign(book.renewalInfo(record), apple.now()).jws,
    };
    groups.set(record.group, [...(groups.get(record.group) ?? []), item]);
  }
  const data = [...groups].map(([subscriptionGroupIdentifier, lastTransactions]) => ({
    subscriptionGroupIdentifier,
    lastTransactions,
  }));
  const { bundleId, appId, environment } = book.settings;
  return { environment, bundleId, ...(environment === 'Production' && { appAppleId: appId }), data };
}

interface HistoryQuery {
  readonly revision?: string;
  readonly sort?: string;
  readonly startDate?: string;
  readonly endDate?: string;
  readonly productId?: string | readonly string[];
  readonly productType?: string | readonly string[];
}

function history(apple: AppleWorld, request: FastifyRequest): object {
  const { book } = apple;
  const query = request.query as HistoryQuery;
  const account = book.accountOf(find(apple, request).transactionId) ?? '';
  const [from, to] = [Number(query.startDate ?? 0), Number(query.endDate ?? Infinity)];
  const products = [query.productId ?? []].flat();
  const types = [query.productType ?? []].flat().map((type) => type.toLowerCase().replaceAll('_', ''));
  const all = book.historyOf(account).filter(({ purchaseDate, productId, type }) => {
    const named = products.length === 0 || products.includes(productId);
    const typed = types.length === 0 || types.includes(type.toLowerCase().replaceAll(/[- ]|subscription/g, ''));
    return purchaseDate >= from && purchaseDate <= to && named && typed;
  });
  if (query.sort === 'DESCENDING') all.reverse();
  const start = query.revision === undefined ? 0 : Number(query.revision.split('_')[1] ?? NaN);
  if (!Number.isInteger(start)) throw new AppleApiError(400, 4000005, 'Invalid request revision.');
  const page = all.slice(start, start + PAGE);
  const { bundleId, appId, environment } = book.settings;
  return {
    revision: `${page.at(-1)?.purchaseDate ?? 0}_${start + page.length}`,
    hasMore: start + page.length < all.length,
    bundleId,
    ...(environment === 'Production' && { appAppleId: appId }),
    environment,
    signedTransactions: page.map((transaction) => book.sign(transaction, apple.now()).jws),
  };
}
