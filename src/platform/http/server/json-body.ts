import { RouteConfig, type FastifyAdapter } from '@nestjs/platform-fastify';
import { errorCodes, type FastifyInstance } from 'fastify';
import { DEFAULT_BODY_LIMIT } from './body-limit';

/** The handler takes the body as bytes, `request.rawBody`, and reads it itself once it knows whom they are from. */
export const BodyAsBytes = () => RouteConfig({ bodyAsBytes: true });

/** Of a form; what it says is never read. */
const FORM_LIMIT = 16 * 1024;
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data'];

/** The handler reads nothing of the body, and forms are let in: a mail program sends one to unsubscribe (RFC 8058). */
export const IgnoresBody = () => RouteConfig({ ignoresBody: true });

const FILES = ['text/csv', 'application/x-ndjson'];

/** The handler takes a file, CSV or JSON lines, as bytes: `request.rawBody`. It looks itself that it is no JSON. */
export const TakesFile = () => RouteConfig({ bodyAsBytes: true, takesFile: true });

/** JSON is the only kind of body that is read; its bytes are kept beside. */
export function acceptJsonBodies(adapter: FastifyAdapter): void {
  const instance = adapter.getInstance<FastifyInstance>();
  const parse = instance.getDefaultJsonParser('error', 'error');
  adapter.useBodyParser('application/json', true, { bodyLimit: DEFAULT_BODY_LIMIT }, (request, body, done) => {
    const { bodyAsBytes, ignoresBody } = request.routeOptions.config;
    if (bodyAsBytes || ignoresBody) done(null, undefined);
    else void parse(request, body as unknown as string, done);
  });
  adapter.useBodyParser(FILES, true, { bodyLimit: DEFAULT_BODY_LIMIT }, (request, _body, done) => {
    if (request.routeOptions.config.takesFile) done(null, undefined);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
  });
  instance.addContentTypeParser(FORMS, { parseAs: 'buffer', bodyLimit: FORM_LIMIT }, (request, _body, done) => {
    if (request.routeOptions.config.ignoresBody) done(null, undefined);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
  });
}
