import type { Type } from '@nestjs/common';
import { LedgerInvariants, LedgerVerification } from '../../src/modules/reconciliation';
import { AppleAdapter } from '../../src/providers/apple';
import { GoogleAdapter } from '../../src/providers/google';
import { StripeAdapter } from '../../src/providers/stripe';
import { WiseAdapter } from '../../src/providers/wise';
import { Clock } from '../../src/shared/clock';
import { livemodeOf, rebuild, sourceOf, verify, type Rebuilt, type Verified } from '../../src/verify';
import { seedOf, times } from './deep';
import { WEBHOOK_SECRET, type House } from './house';
import { testServers, withDatabase } from './services';
import { TEST_AUTH } from './tokens';

/** That the books of a house hold, as `kassa ledger verify` proves it; refolding, which the next does too, included. */
async function proveBooks(house: House): Promise<void> {
  const proof = await house.app.app.get(LedgerVerification, { strict: false }).run({});
  expect(proof).toMatchObject({ complete: true, findings: [] });
  expect(await house.app.app.get(LedgerInvariants, { strict: false }).look()).toEqual([]);
}

/**
 * That the books of a house hold; in the deep run also what `verifyHouse` proves. For stories of what others play too: the replays
 * of all of them were a tenth of a run.
 */
export async function booksHold(house: House): Promise<void> {
  if (times(1) > 1) expect(await verifyHouse(house)).toMatchObject({ ok: true, recorded: [], failure: null });
  else await proveBooks(house);
}

/**
 * `kassa ledger verify`, and `kassa events verify` over all that a house has been told: shuffled, some of it twice, with crashes.
 * @param crash they take half of its time: in each run they are played by the specs of promise 2, and here by the deep one.
 */
export async function verifyHouse(house: House, crash = times(1) > 1): Promise<Verified> {
  await proveBooks(house);
  const get = <T>(adapter: Type<T>): T => house.app.app.get(adapter, { strict: false });
  const adapters = [get(StripeAdapter), get(AppleAdapter), get(GoogleAdapter), get(WiseAdapter)];
  const { recording, recorded } = await sourceOf(house.database.appUrl, livemodeOf(adapters));
  return verify({
    ...scratchOf(house),
    clock: house.app.app.get(Clock, { strict: false }),
    chaos: { shuffle: true, duplicate: true, crash },
    seed: seedOf(),
    runs: 1,
    adapters,
    recording,
    recorded,
  });
}

/** `kassa ledger rebuild`: books, mirrors and access made anew from the facts of a house, held against its own. */
export function rebuildHouse(house: House): Promise<Rebuilt> {
  return rebuild({ ...scratchOf(house), databaseUrl: house.database.appUrl });
}

/** What a replay of a house runs with. */
function scratchOf(house: House): Pick<Parameters<typeof rebuild>[0], 'environment' | 'logins'> {
  const { ownerUrl, appUrl } = testServers();
  return {
    environment: {
      ...{ NODE_ENV: 'test', REDIS_URL: house.redis.url },
      ...{ AUTH_JWT_SECRET: TEST_AUTH.secret, AUTH_ISSUER: TEST_AUTH.issuer, AUTH_AUDIENCE: TEST_AUTH.audience },
      ...{ STRIPE_SECRET_KEY: 'sk_test_house', STRIPE_WEBHOOK_SECRETS: WEBHOOK_SECRET },
    },
    logins: { ownerUrl: withDatabase(ownerUrl, 'kassa'), appUrl: withDatabase(appUrl, 'kassa') },
  };
}
