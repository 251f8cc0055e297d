import { tokenFor } from '../test/support/tokens';
import { CATALOG_ROWS, insertOf, ROW_FACTORIES } from '../test/support/rows';
import { benchRead, NO_LIMIT } from './support/read-bench';
import type { Benchmark } from './support/report';
import { startBenchServices, type BenchServices } from './support/services';

const USERS = 50;
/** As an app's users have them. */
const TOKEN_SECONDS = 3_600;

/** "May this user use this feature?", asked far more often than it changes. */
export const bench: Benchmark = {
  name: 'entitlement-check',
  about: 'GET /entitlements/check of what is cached; floor: bare Fastify, one Redis GET, nobody asked who he is',
  run: async (say) => {
    const services = await startBenchServices();
    try {
      await populate(services);
      const kassa = await services.startKassa('api', NO_LIMIT);
      const headers = Array.from({ length: USERS }, (_, i) => ({
        authorization: `Bearer ${tokenFor({ userId: userOf(i), expiresIn: TOKEN_SECONDS })}`,
      }));
      const read = { path: '/v1/entitlements/check?feature=seats', kassaUrl: kassa.url, headers, kind: 'access' };
      return await benchRead(services, read, say);
    } finally {
      await services.stop();
    }
  },
};

const userOf = (index: number): string => `user-${index}`;

/** Every user has one plan with one feature. */
async function populate(services: BenchServices): Promise<void> {
  const insert = async (...row: Parameters<typeof insertOf>): Promise<void> => {
    const { text, values } = insertOf(...row);
    await services.rows(text, values);
  };
  for (const [table, row] of CATALOG_ROWS) {
    if (['plans', 'prices', 'features', 'plan_features'].includes(table)) await insert(table, row);
  }
  for (let i = 0; i < USERS; i += 1) {
    const context = { customerId: `cust_${i}` };
    await insert('customers', ROW_FACTORIES['customers']?.(context) ?? {}, { user_id: userOf(i) });
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString();
    await insert('entitlement_grants', ROW_FACTORIES['entitlement_grants']?.(context) ?? {}, { limit: 3, until });
  }
}
