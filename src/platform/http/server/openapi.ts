import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { AppConfig } from '../../config';
import { SCHEMES } from '../auth/access.decorators';
import { AnnouncedWebhooks } from './announced-webhooks';
import { addExamples } from './openapi-examples';
import { sayNullsAsTypes } from './openapi-nulls';
import { declareIntegers } from './openapi-numbers';

const ERROR_SCHEMA = {
  type: 'object',
  required: ['success', 'error'],
  properties: {
    success: { type: 'boolean', enum: [false] },
    error: {
      type: 'object',
      required: ['code', 'message', 'details', 'requestId'],
      properties: {
        code: { type: 'string', example: 'SUBSCRIPTION_NOT_FOUND' },
        message: { type: 'string', example: 'Subscription not found' },
        details: { type: 'object', additionalProperties: true, example: { subscriptionId: 'sub_01jd…' } },
        requestId: { type: 'string', example: '59ac4daf-0dbf-45d6-ab70-6a54f600361a' },
      },
    },
  },
};
const ERROR_RESPONSE = {
  description: 'Every refusal and failure',
  headers: { 'X-Request-Id': { schema: { type: 'string' } } },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' } } },
};
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The contract at /openapi.json and its page at /docs, from assets of our own. Made at the first request for it. */
export function serveOpenApi(app: NestFastifyApplication, config: AppConfig): void {
  SwaggerModule.setup('docs', app, () => openApiOf(app, config), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Kassa',
    swaggerOptions: { persistAuthorization: false },
  });
}

function openApiOf(app: NestFastifyApplication, config: AppConfig): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle('Kassa')
    .setDescription(
      'Subscriptions, payments and entitlements behind one API. Every route answers at `/v1/...` and without the prefix.',
    )
    .setVersion('1')
    // The first that knows webhooks.
    .setOpenAPIVersion('3.1.0')
    .addServer(config.http.publicUrl)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, SCHEMES.user)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'CRON_SECRET' }, SCHEMES.cron)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-Internal-API-Key' }, SCHEMES.internal)
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  document.paths = contractPaths(document.paths);
  const schemas = { ...document.components?.schemas, ErrorEnvelope: ERROR_SCHEMA };
  declareIntegers(schemas);
  document.components = { ...document.components, schemas };
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation) operation.responses = { ...operation.responses, default: ERROR_RESPONSE };
    }
  }
  addExamples(document);
  sayNullsAsTypes(document);
  document.webhooks = app.get(AnnouncedWebhooks, { strict: false }).all;
  return document;
}

/** Each route once, under /v1, with an operation id that a generated client can use as a name. */
function contractPaths(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  const taken = new Set<string>();
  const result: OpenAPIObject['paths'] = {};
  for (const [path, item] of Object.entries(paths)) {
    if (!path.startsWith('/v1/')) continue;
    result[path] = item;
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) operation.operationId = freeName(operation.operationId ?? path, taken);
    }
  }
  return result;
}

/** Nest numbers the ids of a handler's several paths; the first keeps the plain name. */
function freeName(operationId: string, taken: Set<string>): string {
  const plain = operationId.replace(/\[\d+\].*$/, '');
  let name = plain;
  for (let n = 2; taken.has(name); n += 1) name = `${plain}_${n}`;
  taken.add(name);
  return name;
}
