import { Client } from 'pg';
import { CatalogAdmin } from '../../src/modules/billing/catalog/catalog-admin.service';
import { PlanRollout } from '../../src/modules/billing/catalog/plan-rollout.service';
import { UnitOfWork } from '../../src/platform/database';
import { SYSTEM } from '../../src/platform/audit';
import { Buyers } from '../support/buyers';
import { startHouse, type House } from '../support/house';

/** More than one batch. */
const MANY = 23;

describe('a change of a plan on its way to the subscribers', () => {
  let house: House;
  let other: Client;
  let rollout: PlanRollout;
  beforeAll(async () => {
    house = await startHouse({ settings: { ROLE: 'api' } });
    rollout = house.app.app.get(PlanRollout, { strict: false });
    other = new Client({ connectionString: house.database.appUrl, options: '-c role=kassa_service' });
    await other.connect();
    const buyers = new Buyers(house);
    for (let i = 0; i < MANY; i += 1) await buyers.subscribe(`user-${i}`, 'BASIC');
  }, 120_000);
  afterAll(async () => {
    await other.end();
    await house.close();
  });

  const change = (seats: number): Promise<unknown> =>
    house.app.app
      .get(UnitOfWork, { strict: false })
      .service((tx) =>
        house.app.app
          .get(CatalogAdmin, { strict: false })
          .update(tx, 'BASIC', { features: [{ key: 'seats', limit: seats }] }, SYSTEM),
      );
  /** How many subscribers have which number of seats. */
  const seats = async (): Promise<Record<string, number>> => {
    const rows = await house.rows<{ seats: string; n: string }>(
      `SELECT "limit" AS seats, count(*) AS n FROM entitlement_grants g JOIN features f ON f.id = g.feature_id
       WHERE f.key = 'seats' AND revoked_at IS NULL GROUP BY 1`,
    );
    return Object.fromEntries(rows.map((row) => [row.seats, Number(row.n)]));
  };
  const left = async (): Promise<number> => (await house.rows('SELECT plan_id FROM catalog_rollouts')).length;

  it('reaches all of them, batch by batch, and is then forgotten', async () => {
    await change(4);
    expect(await left()).toBe(1);
    expect(await rollout.drain(100)).toBeGreaterThanOrEqual(2);
    expect(await seats()).toEqual({ 4: MANY });
    while ((await left()) > 0) await rollout.drain(100);
    expect(await rollout.drain(100)).toBe(0);
  });

  it('goes on where it stopped, whoever has stopped it', async () => {
    await change(5);
    const [{ aggregate }] = (await house.rows<{ aggregate: string }>(
      `SELECT f.aggregate FROM subscriptions s JOIN facts f ON f.object_id = s.provider_id AND f.object_type = 'subscription'
       ORDER BY s.id DESC LIMIT 1`,
    )) as [{ aggregate: string }];
    await other.query('BEGIN');
    await other.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [aggregate]);
    await expect(rollout.drain(100)).rejects.toMatchObject({ code: 'TRY_AGAIN' });
    expect(await seats()).toEqual({ 4: 1, 5: MANY - 1 });
    await other.query('COMMIT');
    await rollout.drain(100);
    expect(await seats()).toEqual({ 5: MANY });
    while ((await left()) > 0) await rollout.drain(100);
  });

  it('begins anew with a newer change, and twice at once does it once', async () => {
    await change(6);
    await change(7);
    await Promise.all([rollout.drain(100), rollout.drain(100), rollout.drain(100)]);
    expect(await seats()).toEqual({ 7: MANY });
    while ((await left()) > 0) await rollout.drain(100);
  });

  it('looks again when a transaction that had read the plan as it was has ended', async () => {
    await other.query('BEGIN');
    // Began before the change, and writes what it had read when the first round is long over.
    await other.query('SELECT pg_current_xact_id()');
    await change(8);
    await rollout.drain(100);
    expect(await seats()).toEqual({ 8: MANY });
    expect(await rollout.drain(100)).toBe(0);
    expect(await left()).toBe(1);
    await other.query(
      `UPDATE entitlement_grants SET "limit" = 7 WHERE id =
         (SELECT g.id FROM entitlement_grants g JOIN features f ON f.id = g.feature_id WHERE f.key = 'seats' LIMIT 1)`,
    );
    await other.query('COMMIT');
    while ((await left()) > 0) await rollout.drain(100);
    expect(await seats()).toEqual({ 8: MANY });
  });
});
