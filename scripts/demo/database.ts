import { Client } from 'pg';

export interface Unhandled {
  readonly inbox: number;
  readonly outbox: number;
  readonly charges: number;
  readonly acknowledgements: number;
  readonly payouts: number;
}

/** Rows as the service's role sees them, for what no API shows: queues, digests, and the rights of other roles. */
export class Database {
  private constructor(private readonly client: Client) {}

  static async connect(url: string): Promise<Database> {
    const client = new Client({ connectionString: url, options: '-c role=kassa_service' });
    // A lost connection shows in the next query; unheard, the event would end the process.
    client.on('error', () => undefined);
    await client.connect();
    return new Database(client);
  }

  async rows<T>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.client.query(sql, [...values])).rows as T[];
  }

  /** As PostgreSQL shows it to one user, by row-level security alone. */
  async rowsAsUser<T>(userId: string, sql: string): Promise<T[]> {
    await this.client.query('BEGIN');
    try {
      await this.client.query("SELECT set_config('role', 'kassa_user', true), set_config('app.user_id', $1, true)", [
        userId,
      ]);
      return await this.rows<T>(sql);
    } finally {
      await this.client.query('ROLLBACK');
    }
  }

  /**
   * Webhooks stored but not worked yet, messages of ours not passed on yet, charges that wait for their answer, purchases that
   * Google does not know to be granted, and payouts of which Wise is to be asked something.
   */
  async unhandled(): Promise<Unhandled> {
    const [row] = await this.rows<Unhandled>(
      `SELECT (SELECT count(*)::int FROM inbox_events WHERE handled_at IS NULL) AS inbox,
              (SELECT count(*)::int FROM outbox_deliveries WHERE handled_at IS NULL) AS outbox,
              (SELECT count(*)::int FROM payment_recovery_attempts WHERE status = 'charging') AS charges,
              (SELECT count(*)::int FROM google_acknowledgements WHERE status = 'pending') AS acknowledgements,
              (SELECT count(*)::int FROM payouts WHERE step_at IS NOT NULL) AS payouts`,
    );
    return row ?? { inbox: 0, outbox: 0, charges: 0, acknowledgements: 0, payouts: 0 };
  }

  async end(): Promise<void> {
    await this.client.end();
  }
}
