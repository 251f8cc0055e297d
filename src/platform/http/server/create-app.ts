import type { IncomingMessage } from 'node:http';
import { VERSION_NEUTRAL, VersioningType, type DynamicModule } from '@nestjs/common';
import { NestApplicationContextOptions } from '@nestjs/common/interfaces/nest-application-context-options.interface';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { LogController, type FastifyInstance } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import type { Logger } from 'pino';
import type { AppConfig } from '../../config';
import { Metrics } from '../../metrics';
import { answerHotReads } from '../hot-reads/hot-reads.hook';
import { HotReads } from '../hot-reads/hot-reads.service';
import { answerError } from '../errors/error.filter';
import { applyBodyLimit, DEFAULT_BODY_LIMIT } from './body-limit';
import { answerClientError } from './client-errors';
import { acceptJsonBodies } from './json-body';
import { NestLogger } from './nest-logger';
import { serveOpenApi } from './openapi';
import { requestIdOf } from './request-id';
import { securityHeaders } from './security-headers';
import { observeRequests, serveOnlyWatchers } from './request-hooks';

export interface CreateAppOptions {
  readonly config: AppConfig;
  readonly logger: Logger;
  /** The composition root. */
  readonly module: DynamicModule;
}

/** Builds the HTTP application; the caller listens and, at the end, closes. Rejects when a part cannot start. */
export async function createApp({ config, logger, module }: CreateAppOptions): Promise<NestFastifyApplication> {
  const adapter = createAdapter(config, logger, await securityHeaders(config));
  // Nest declares its options as a class, so they are made as one.
  const options = Object.assign(new NestApplicationContextOptions(), {
    rawBody: true,
    bufferLogs: true,
    abortOnError: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, options);
  app.useLogger(new NestLogger(await app.resolve(PinoLogger)));
  const instance = adapter.getInstance<FastifyInstance>();
  observeRequests(instance, app.get(Metrics));
  serveOnlyWatchers(instance, config);
  answerHotReads(instance, app.get(HotReads), config.http.rateLimitPerMinute);
  allowOrigins(app, config);
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', VERSION_NEUTRAL] });
  serveOpenApi(app, config);
  return app;
}

function createAdapter(config: AppConfig, logger: Logger, headers: Record<string, string>): FastifyAdapter {
  const { trustProxy } = config.http;
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers),
    trustProxy: typeof trustProxy === 'object' ? [...trustProxy] : trustProxy,
    bodyLimit: DEFAULT_BODY_LIMIT,
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: answerError,
    clientErrorHandler: answerClientError,
    // Requests that reach a closing server on a living connection are still served; readiness has sent new ones away.
    return503OnClosing: false,
    // Slow clients: 15 s for the headers, 30 s for the whole request, 60 s without a byte either way.
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    // Longer than the 60 s of common load balancers, so that they and not we close an idle connection.
    keepAliveTimeout: 65_000,
    http: { headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
  });
  const instance = adapter.getInstance();
  instance.decorateRequest('principal', undefined);
  instance.decorateRequest('errorCode', undefined);
  instance.decorateRequest('counted', undefined);
  instance.decorateRequest('isHot', false);
  instance.addHook('onRoute', applyBodyLimit);
  acceptJsonBodies(adapter);
  // The first hook of all, before CORS and middleware may answer.
  adapter.setOnRequestHook((request, reply, done) => {
    void reply.headers(headers).header('x-request-id', request.id);
    done();
  });
  return adapter;
}

function allowOrigins(app: NestFastifyApplication, config: AppConfig): void {
  if (config.http.corsOrigins.length === 0) return;
  app.enableCors({
    origin: [...config.http.corsOrigins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'x-request-id'],
    exposedHeaders: ['x-request-id', 'idempotent-replayed', 'retry-after'],
    maxAge: 600,
  });
}
