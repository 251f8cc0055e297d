import { randomBytes } from 'node:crypto';
import { DatabaseError, type Client } from 'pg';
import { migrate } from '../platform/database/migrate';
import { connect, serviceSession, withClient } from './sessions';

const PREFIX = 'kassa_verify_';
const INSUFFICIENT_PRIVILEGE = '42501';

/** The operator has to see to it; the message says what and how. */
export class ScratchError extends Error {}

export interface ScratchLogins {
  /** May make databases, and owns what it makes. */
  ownerUrl: string;
  /** What the service connects as. */
  appUrl: string;
}

/**
 * The service's own login uses what the owner makes, as in the real database. On another server there is only the one login;
 * on the same one it would become a member of the service's role for good.
 */
export function scratchLogins(scratchUrl: string, databaseUrl: string): ScratchLogins {
  const isSameServer = new URL(scratchUrl).host === new URL(databaseUrl).host;
  return { ownerUrl: scratchUrl, appUrl: isSameServer ? databaseUrl : scratchUrl };
}

/** Databases that are made for a verification and go with it. All are copies of one, migrated and with what is given. */
export class ScratchDatabases {
  private readonly made = new Set<string>();
  private count = 0;

  private constructor(
    private readonly admin: Client,
    private readonly logins: ScratchLogins,
    private readonly name: string,
  ) {}

  /** @param give writes what is given, as the service. @throws ScratchError where the login may not make databases. */
  static async open(logins: ScratchLogins, give: (to: Client) => Promise<void>): Promise<ScratchDatabases> {
    // The session's name tells other verifications that this one's databases are in use.
    const name = `${PREFIX}${randomBytes(5).toString('hex')}`;
    const admin = await connect({ connectionString: logins.ownerUrl, application_name: name });
    const scratch = new ScratchDatabases(admin, logins, name);
    try {
      await scratch.dropLeftovers();
      await scratch.makeTemplate(give);
      return scratch;
    } catch (error) {
      await scratch.close();
      throw error;
    }
  }

  /** @returns the address of a fresh copy, as the service connects to it. */
  async copy(): Promise<string> {
    this.count += 1;
    const name = `${this.name}_${this.count}`;
    await this.create(name, `TEMPLATE ${this.name}`);
    return withDatabase(this.logins.appUrl, name);
  }

  async drop(url: string): Promise<void> {
    await this.dropNamed(new URL(url).pathname.slice(1));
  }

  /** Drops whatever is left. */
  async close(): Promise<void> {
    try {
      for (const name of this.made) await this.dropNamed(name);
    } finally {
      await this.admin.end();
    }
  }

  private async makeTemplate(give: (to: Client) => Promise<void>): Promise<void> {
    await this.create(this.name, '');
    const { ownerUrl, appUrl } = this.logins;
    const appUser = decodeURIComponent(new URL(appUrl).username);
    await migrate({ url: withDatabase(ownerUrl, this.name), ...(appUser === '' ? {} : { appUser }) });
    await withClient(serviceSession(withDatabase(appUrl, this.name)), give);
  }

  private async create(name: string, options: string): Promise<void> {
    try {
      await this.admin.query(`CREATE DATABASE ${name} ${options}`);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.code !== INSUFFICIENT_PRIVILEGE) throw error;
      const { rows } = await this.admin.query<{ login: string }>('SELECT current_user AS login');
      const login = rows[0]?.login ?? '';
      throw new ScratchError(
        `A replay needs databases of its own, and the login ${login} may not make any. Allow it (ALTER ROLE "${login}" ` +
          'CREATEDB), or name another login or server with --scratch-url.',
      );
    }
    this.made.add(name);
  }

  private async dropNamed(name: string): Promise<void> {
    // Waits for sessions that are just ending; the owner may not end those of the service's login.
    await this.admin.query(`DROP DATABASE IF EXISTS ${name}`);
    this.made.delete(name);
  }

  /** What a verification left behind that was killed outright. */
  private async dropLeftovers(): Promise<void> {
    const { rows } = await this.admin.query<{ name: string }>(
      `SELECT d.datname AS name FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
       WHERE d.datname ~ '^${PREFIX}[0-9a-f]{10}(_[0-9]+)?$' AND r.rolname = current_user AND NOT EXISTS (
         SELECT FROM pg_stat_activity a WHERE a.application_name = left(d.datname, ${PREFIX.length + 10}))`,
    );
    for (const { name } of rows) await this.dropNamed(name);
  }
}

/** The same server, login and options, another database. */
function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
