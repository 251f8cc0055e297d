import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { Pool } from 'pg';
import { answerParent } from './child';

export interface FloorInput {
  readonly databaseUrl: string;
  readonly secret: string;
}

const POOL_SIZE = 10;

/** Floor b: the least that a durable webhook endpoint can do. Signature over the raw body, one INSERT, 200. */
answerParent(async ({ databaseUrl, secret }: FloorInput) => {
  const pool = new Pool({ connectionString: databaseUrl, max: POOL_SIZE });
  await pool.query('CREATE TABLE floor_events (event_id text PRIMARY KEY, type text NOT NULL, body bytea NOT NULL)');
  // As the service's own table has it where PostgreSQL knows it.
  await pool.query('ALTER TABLE floor_events ALTER COLUMN body SET COMPRESSION lz4').catch(() => undefined);
  const app = Fastify({ logger: false });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body);
  });
  app.post('/webhooks/stripe', async (request, reply) => {
    const body = request.body as Buffer;
    if (!isSigned(body, String(request.headers['stripe-signature']), secret)) return reply.code(400).send();
    const { id, type } = JSON.parse(body.toString('utf8')) as { id: string; type: string };
    await pool.query({
      name: 'floor',
      text: 'INSERT INTO floor_events (event_id, type, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      values: [id, type, body],
    });
    return { received: true };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
});

function isSigned(body: Buffer, header: string, secret: string): boolean {
  const [, time = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const wanted = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  return given !== '' && timingSafeEqual(wanted, Buffer.from(given, 'hex'));
}
