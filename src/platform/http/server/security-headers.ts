import helmet from '@fastify/helmet';
import { fastify } from 'fastify';
import type { AppConfig } from '../../config';

/**
 * Helmet's headers for this installation. They are the same for every answer, but @fastify/helmet would work them out
 * for each one again (some 5 % of a small request), so one answer of a throw-away instance is read and its headers kept.
 */
export async function securityHeaders(config: AppConfig): Promise<Record<string, string>> {
  const sample = fastify();
  await sample.register(helmet, {
    hsts: config.isProduction ? { maxAge: 365 * 24 * 3600, includeSubDomains: true } : false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // Swagger's page has inline style sheets, but no inline script.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
  });
  sample.get('/', (_request, reply) => reply.send());
  const { headers } = await sample.inject('/');
  await sample.close();
  const own = new Set(['content-length', 'content-type', 'date', 'connection']);
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !own.has(name))
      .map(([name, value]) => [name, String(value)]),
  );
}
