import { seedCatalog } from '../test/support/service-process';
import { benchRead, NO_LIMIT } from './support/read-bench';
import type { Benchmark } from './support/report';
import { startBenchServices } from './support/services';

/** What is for sale: the page everybody sees first. */
export const bench: Benchmark = {
  name: 'plans',
  about: 'GET /billing/plans of the seeded catalog; floor: bare Fastify, one Redis GET of the same answer',
  run: async (say) => {
    const services = await startBenchServices();
    try {
      await seedCatalog({ databaseUrl: services.databaseUrl, redisUrl: services.redisUrl, settings: {} });
      const kassa = await services.startKassa('api', NO_LIMIT);
      const read = { path: '/v1/billing/plans', kassaUrl: kassa.url, headers: [{}], kind: 'plans' };
      return await benchRead(services, read, say);
    } finally {
      await services.stop();
    }
  },
};
