import { escapeLiteral, type Pool, type QueryResult, type QueryResultRow } from 'pg';

/**
 * One query as one user, in one round trip, for hot paths. A unit of work would take four: BEGIN, role and user, the
 * query, COMMIT. Here role and user go out with the query in one message, which PostgreSQL runs as one transaction: both
 * settings end with it, also when it fails. Row-level security holds as in `UnitOfWork.user`.
 */
export class UserQuery {
  constructor(private readonly pool: Pool) {}

  /**
   * @param query one statement without parameters; the user's id stands in `current_setting('app.user_id')`.
   * @returns rows as `pg` reads them: bigint as text.
   */
  async run<R extends QueryResultRow>(userId: string, query: string): Promise<R[]> {
    const settings = `SELECT set_config('role', 'kassa_user', true), set_config('app.user_id', ${escapeLiteral(userId)}, true)`;
    // Several statements in one text give several results, which the types of `pg` do not know.
    const results = (await this.pool.query(`${settings};${query}`)) as unknown as QueryResult<R>[];
    return results[1]?.rows ?? [];
  }
}
