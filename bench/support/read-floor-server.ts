import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { answerParent } from './child';

export interface ReadFloorInput {
  readonly redisUrl: string;
  readonly path: string;
  readonly key: string;
}

/** The least that an endpoint with a shared cache can do: one GET, 200. Nobody is asked who he is. */
answerParent(async ({ redisUrl, path, key }: ReadFloorInput) => {
  const redis = new Redis(redisUrl);
  const app = Fastify({ logger: false });
  app.get(path, async (_request, reply) => {
    const value = await redis.get(key);
    return reply.type('application/json; charset=utf-8').send(value);
  });
  app.get('/cpu', () => {
    const { user, system } = process.cpuUsage();
    return { seconds: (user + system) / 1e6 };
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as AddressInfo).port;
});
