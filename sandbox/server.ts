import { randomInt } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { registerAppleControl } from './apple/control';
import { registerApplePage } from './apple/page';
import { registerServerApi } from './apple/server-api';
import { AppleSandboxError } from './apple/state';
import { MovableClock } from './clock';
import { registerControl } from './control/control-api';
import { validateLazily } from './control/lazy-validation';
import { registerGoogleControl } from './google/control';
import { registerDeveloperApi } from './google/developer-api';
import { registerGooglePage } from './google/page';
import { GoogleSandboxError } from './google/state';
import { StripeSandboxError } from './stripe/contract';
import { answerUnknownUrl, registerApi } from './stripe/http/api';
import { renderError } from './stripe/http/stripe-errors';
import { registerPages } from './stripe/pages/pages';
import type { DelivererOptions } from './webhooks/deliverer';
import type { EndpointInput } from './stripe/webhooks/endpoints';
import { readStateFile, StateFile } from './state-file';
import { registerWiseApi } from './wise/api';
import { registerWiseControl } from './wise/control';
import { registerWisePage } from './wise/page';
import { WiseSandboxError } from './wise/state';
import { World } from './world';

export interface SandboxOptions {
  /** Default 0: a free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Where browsers reach the pages; default `http://<host>:<port>`. */
  readonly publicUrl?: string;
  /** Unix seconds at which the clock stands still; default: the clock follows the wall clock. */
  readonly start?: number;
  /** Default random, so that ids of one run never meet those of another in a database that outlives both. */
  readonly seed?: number;
  /** Webhook endpoints that are there from the start and after a reset. */
  readonly webhooks?: readonly EndpointInput[];
  readonly delivery?: Partial<DelivererOptions>;
  /**
   * Where everything is kept between two runs; default nowhere. When the file is there, the world in it goes on: its
   * clock and seed count, not the given ones, and its endpoints of the start move to the given addresses and secrets.
   */
  readonly stateFile?: string;
}

export interface Sandbox {
  /** Base address, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly seed: number;
  /** Stops listening, cuts what is under way and, without a state file, forgets everything. */
  close(): Promise<void>;
}

const DELIVERY: DelivererOptions = {
  retryDelaysMs: [200, 500, 1000, 2000, 5000],
  timeoutMs: 10_000,
  concurrency: 4,
};
/** How often work that real time made due is done when nobody asks for anything. */
const DUE_WORK_MS = 1000;

/**
 * Starts Stripe's stand-in: the API under `/v1`, its pages, and the control API under `/sandbox`.
 * @throws Error, one sentence with its name, for a state file that is broken, of another version or cannot be written.
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { stateFile } = options;
  const saved = stateFile === undefined ? undefined : await readStateFile(stateFile);
  const seed = saved?.seed ?? options.seed ?? randomInt(2 ** 31);
  const app = createApp();
  let world: World | undefined;
  const current = (): World => {
    if (!world) throw new Error('the sandbox is still starting');
    return world;
  };
  const file = stateFile === undefined ? undefined : new StateFile(stateFile, () => current().save());
  const onChange = (): void => {
    file?.changed();
  };
  app.addHook('onRequest', (request, reply, done) => {
    // Whether the answer was sent or cut off, the request may have changed something.
    if (request.method !== 'GET') reply.raw.once('close', onChange);
    done();
  });
  registerApi(app, current);
  registerServerApi(app, current);
  registerPages(app, current);
  registerAppleControl(app, current);
  registerApplePage(app, current);
  registerDeveloperApi(app, current);
  registerGoogleControl(app, current);
  registerGooglePage(app, current);
  registerWiseApi(app, current);
  registerWiseControl(app, current);
  registerWisePage(app, current);
  registerControl(app, current, () => {
    const { options: same, apple, google, wise } = current();
    current().close();
    // Another seed, so that the new world's ids are not those of the old one.
    const known = { app: apple.book.identity, play: google.book.identity, payer: wise.book.identity };
    world = new World({ ...same, ...known, seed: same.seed + 7919 });
  });
  app.setNotFoundHandler((request, reply) => answerUnknownUrl(current(), request, reply));
  const host = options.host ?? '127.0.0.1';
  await app.listen({ port: options.port ?? 0, host });
  const { port } = app.server.address() as AddressInfo;
  const everywhere = host === '0.0.0.0' || host === '::';
  const url = options.publicUrl ?? `http://${everywhere ? 'localhost' : host}:${port}`;
  const clock = new MovableClock(saved?.clock ?? options.start);
  const endpoints = options.webhooks ?? [];
  const delivery = { ...DELIVERY, ...options.delivery };
  world = new World({ clock, seed, publicUrl: url, endpoints, delivery, onChange }, saved);
  const ticker = setInterval(() => {
    current().runDueWork();
  }, DUE_WORK_MS);
  const stop = async (): Promise<void> => {
    clearInterval(ticker);
    current().close();
    await app.close();
  };
  try {
    // Due while the sandbox did not run.
    current().runDueWork();
    await file?.write();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    port,
    seed,
    close: async () => {
      await stop();
      await file?.close();
    },
  };
}

function createApp(): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 255 },
    // A URL that cannot be decoded never meets the error handler below.
    frameworkErrors: (error, _request, reply) => {
      void (reply as FastifyReply)
        .status(400)
        .send(renderError({ type: 'invalid_request_error', message: error.message }));
    },
  });
  app.setValidatorCompiler(validateLazily);
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof AppleSandboxError || error instanceof GoogleSandboxError || error instanceof WiseSandboxError)
      return reply.status(error.status).send({ error: { message: error.message } });
    if (error instanceof StripeSandboxError) return reply.status(error.status).send(renderError(error.error));
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    const type = statusCode < 500 ? 'invalid_request_error' : 'api_error';
    // A mistake of the sandbox itself; whoever runs it has to see where.
    if (statusCode >= 500) console.error(error);
    return reply.status(statusCode).send(renderError({ type, message }));
  });
  return app;
}
