import { sign } from 'jsonwebtoken';
import { Command, CommandRunner, Option } from 'nest-commander';
import { AppConfig } from '../platform/config';
import { ROLES, type Role } from '../platform/http';

interface TokenOptions {
  roles?: Role[];
  email?: string;
  hours?: number;
}

/** For trying the API by hand; an installation with an identity provider has its tokens from there. */
@Command({ name: 'token', arguments: '<userId>', description: 'Sign a token for a user with AUTH_JWT_SECRET' })
export class TokenCommand extends CommandRunner {
  constructor(private readonly config: AppConfig) {
    super();
  }

  run([userId]: string[], options: TokenOptions): Promise<void> {
    const { keys, issuer, audience, rolesClaim } = this.config.auth;
    if (keys.kind !== 'secret') {
      throw new Error('Tokens come from the identity provider at AUTH_JWKS_URL; there is no secret here to sign with');
    }
    const roles = rolesClaim.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), options.roles ?? []);
    const claims = { ...(roles as object), ...(options.email ? { email: options.email } : {}) };
    const expiresIn = `${options.hours ?? 1}h` as const;
    const token = sign(claims, keys.secret, { algorithm: 'HS256', subject: userId ?? '', issuer, audience, expiresIn });
    process.stdout.write(`${token}\n`);
    return Promise.resolve();
  }

  @Option({ flags: '-r, --roles <roles>', description: `comma-separated: ${ROLES.join(', ')}` })
  parseRoles(value: string): Role[] {
    return value.split(',').map((name) => {
      const role = ROLES.find((known) => known === name.trim());
      if (!role) throw new Error(`${name} is not one of ${ROLES.join(', ')}`);
      return role;
    });
  }

  @Option({ flags: '-e, --email <email>' })
  parseEmail(value: string): string {
    return value;
  }

  @Option({ flags: '--hours <hours>', description: 'life of the token, default 1' })
  parseHours(value: string): number {
    const hours = Number(value);
    if (!Number.isInteger(hours) || hours < 1 || hours > 24 * 365)
      throw new Error('--hours must be a whole number of hours');
    return hours;
  }
}
