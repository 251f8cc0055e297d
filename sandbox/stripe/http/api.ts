import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiFaults, Chaos } from '../../control/chaos';
import { keepWaiting } from '../../control/through-chaos';
import { type SandboxClock, type SandboxRoute, StripeSandboxError } from '../contract';
import { type RouteSchema, stripeSchema } from '../schema/derived-schema';
import type { EventLog } from '../webhooks/event-log';
import { expand, type ExpandSource } from './expand';
import { decodeForm, mergeForms } from './form';
import type { IdempotencyKeys, StoredAnswer } from './idempotency';
import { coerceParams, type DecodedParams } from './params';
import {
  internalError,
  invalidRequest,
  rateLimited,
  renderError,
  unauthorized,
  unrecognizedUrl,
} from './stripe-errors';

/** What a request meets: the current world of the sandbox, which a reset replaces. */
export interface ApiWorld {
  readonly clock: SandboxClock;
  readonly chaos: Chaos;
  readonly events: EventLog;
  readonly idempotency: IdempotencyKeys;
  readonly objects: ExpandSource;
  route(method: string, path: string): SandboxRoute | undefined;
  /** Does the work that time has made due. */
  runDueWork(): void;
}

/** A call on its way through the shell. */
interface Call {
  readonly route: SandboxRoute;
  readonly schema: RouteSchema;
  readonly request: FastifyRequest;
  readonly id: string;
  readonly idempotencyKey: string | null;
}

/** Stands for an answer that is never sent. */
const CUT = Symbol('connection cut');

/**
 * Registers every route of the derived schema. One that the sandbox does not play answers as an unknown URL does.
 * @param world read at each request.
 */
export function registerApi(app: FastifyInstance, world: () => ApiWorld): void {
  for (const schema of stripeSchema.routes) {
    app.route({
      method: schema.method,
      url: schema.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      // The contract of a HEAD request is none of Stripe's.
      exposeHeadRoute: false,
      handler: (request, reply) => answer(world(), schema, request, reply),
    });
  }
}

/** Stripe's error shape for whatever no route took. */
export function answerUnknownUrl(world: ApiWorld, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { pathname } = new URL(request.url, 'http://sandbox');
  return sendError(world, reply, newRequestId(), unrecognizedUrl(request.method, pathname));
}

async function answer(
  world: ApiWorld,
  schema: RouteSchema,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const id = newRequestId();
  const key = headerOf(request, 'idempotency-key');
  if (world.chaos.plan.down) {
    cut(request, reply);
    return;
  }
  try {
    const version = checkHeaders(request);
    void reply.header('stripe-version', version);
    if (key !== null) void reply.header('idempotency-key', key);
    const route = world.route(schema.method, schema.path);
    if (!route) throw unrecognizedUrl(request.method, new URL(request.url, 'http://sandbox').pathname);
    const call: Call = { route, schema, request, id, idempotencyKey: schema.method === 'POST' ? key : null };
    const outcome = await perform(world, call, reply);
    if (outcome === CUT) cut(request, reply);
    else await send(world, reply, id, outcome);
  } catch (error) {
    if (!(error instanceof StripeSandboxError)) throw error;
    await sendError(world, reply, id, error);
  }
}

/** Chaos, decoding and the idempotency key around one execution. */
async function perform(world: ApiWorld, call: Call, reply: FastifyReply): Promise<StoredAnswer | typeof CUT> {
  const { request, idempotencyKey: key } = call;
  const { pathname, search } = new URL(request.url, 'http://sandbox');
  const faults = world.chaos.forRequest(request.method, pathname);
  if (faults.fault === 'error_429') {
    void reply.header('retry-after', faults.retryAfterSeconds);
    throw rateLimited();
  }
  const decoded = coerceParams(
    call.schema.params,
    mergeForms(decodeForm(search.slice(1)), decodeForm(bodyOf(request))),
  );
  const fingerprint = `${request.method} ${pathname} ${JSON.stringify(decoded)}`;
  const replay = key === null ? undefined : world.idempotency.begin(key, fingerprint);
  if (replay) void reply.header('idempotent-replayed', 'true').header('original-request', replay.requestId);
  const outcome = replay ?? (await executeOnce(world, call, decoded, faults));
  if (faults.answerMs > 0) await keepWaiting(reply, faults.answerMs);
  return faults.fault === 'lose_answer' ? CUT : outcome;
}

/** Executes and leaves the answer with the key, or frees the key when nothing was executed. */
async function executeOnce(
  world: ApiWorld,
  call: Call,
  decoded: DecodedParams,
  { fault, latencyMs }: ApiFaults,
): Promise<StoredAnswer> {
  const { id, idempotencyKey: key } = call;
  let outcome: StoredAnswer | undefined;
  try {
    if (latencyMs > 0) await wait(latencyMs);
    outcome = fault === 'error_500' ? failed(internalError(), id) : execute(world, call, decoded);
    if (fault === 'error_500_after') outcome = failed(internalError(), id);
    return outcome;
  } finally {
    if (key !== null) {
      if (outcome) world.idempotency.finish(key, outcome);
      else world.idempotency.abandon(key);
    }
  }
}

function execute(world: ApiWorld, call: Call, { params, expand: paths }: DecodedParams): StoredAnswer {
  const { id, idempotencyKey } = call;
  const ids = call.request.params as Readonly<Record<string, string>>;
  world.runDueWork();
  try {
    const object = world.events.during({ id, idempotencyKey }, () =>
      call.route.handle({ id, ids, params, idempotencyKey }),
    );
    return { status: 200, body: expand(object, paths, world.objects), requestId: id };
  } catch (error) {
    if (error instanceof StripeSandboxError) return failed(error, id);
    throw error;
  }
}

function failed(error: StripeSandboxError, requestId: string): StoredAnswer {
  return { status: error.status, body: renderError(error.error), requestId };
}

/** @returns the API version to answer in. @throws StripeSandboxError 401 without a test key, 400 for another version. */
function checkHeaders(request: FastifyRequest): string {
  const authorization = request.headers.authorization ?? '';
  const basic = /^Basic (.+)$/i.exec(authorization)?.[1];
  const key = basic
    ? (Buffer.from(basic, 'base64').toString().split(':')[0] ?? '')
    : (/^Bearer (.+)$/i.exec(authorization)?.[1] ?? '');
  if (key === '') {
    throw unauthorized(
      'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth ' +
        "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (!/^(sk|rk)_test_./.test(key)) throw unauthorized(`Invalid API Key provided: ${masked(key)}`);
  const version = headerOf(request, 'stripe-version') ?? stripeSchema.apiVersion;
  if (version !== stripeSchema.apiVersion) {
    throw invalidRequest(`Invalid Stripe API version: ${version}. This sandbox speaks ${stripeSchema.apiVersion}.`);
  }
  return version;
}

function masked(key: string): string {
  return `${key.slice(0, 8)}${'*'.repeat(Math.max(0, key.length - 12))}${key.slice(-4)}`;
}

/** @throws StripeSandboxError (400) for anything but a form. */
function bodyOf(request: FastifyRequest): string {
  if (request.body === undefined || request.body === null) return '';
  if (typeof request.body === 'string') return request.body;
  throw invalidRequest('Invalid request: the body must be application/x-www-form-urlencoded.');
}

function send(world: ApiWorld, reply: FastifyReply, requestId: string, { status, body }: StoredAnswer): FastifyReply {
  return reply
    .status(status)
    .headers({
      'request-id': requestId,
      // Stripe's time, by which a client orders what it read; it moves with the sandbox's clock.
      date: new Date(world.clock.now() * 1000).toUTCString(),
    })
    .type('application/json')
    .send(JSON.stringify(body, null, 2));
}

function sendError(world: ApiWorld, reply: FastifyReply, id: string, error: StripeSandboxError): FastifyReply {
  return send(world, reply, id, failed(error, id));
}

function cut(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.destroy();
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function newRequestId(): string {
  return `req_${randomBytes(7).toString('hex')}`;
}
