import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TokenExpiredError, decode, type Algorithm } from 'jsonwebtoken';
import { ExtractJwt, Strategy, type SecretOrKeyProvider } from 'passport-jwt';
import { authentication, unavailable, type AppError } from '../../../shared/app-error';
import { Clock } from '../../../shared/clock';
import { AppConfig } from '../../config';
import type { AuthKeySource } from '../../config/app-config';
import { UnusableClaims, bearerFrom, type Claims } from './claims';
import type { TokenBearer } from './principal';
import { SigningKeys, SigningKeysUnavailable } from './signing-keys';
import { VerifiedTokens } from './verified-tokens';

/** What public keys may sign with. `none` and the HS family are absent: a public key must never serve as a secret. */
const ASYMMETRIC: readonly Algorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
];

const tokenOf = ExtractJwt.fromAuthHeaderAsBearerToken() as (request: FastifyRequest) => string | null;

type Outcome = { readonly claims: Claims } | { readonly failure: unknown };

/**
 * Checks bearer tokens with passport-jwt. The strategy is run by its own protocol (`success`, `fail`, `error`) and not
 * through the global passport object: that one is shared by the whole process, so two applications in it (tests, tools)
 * would check tokens with each other's keys.
 */
@Injectable()
export class JwtStrategy {
  private readonly strategy: Strategy;
  private readonly verified = new VerifiedTokens();

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {
    const { keys, issuer, audience } = config.auth;
    this.strategy = new Strategy(
      {
        jwtFromRequest: tokenOf,
        secretOrKeyProvider: keyProviderOf(keys),
        algorithms: keys.kind === 'jwks' ? [...ASYMMETRIC] : ['HS256'],
        issuer,
        audience,
      },
      (claims: Claims, done: (error: unknown, user: Claims) => void) => {
        done(null, claims);
      },
    );
  }

  /** Whose token it is, where it was found good a moment ago; undefined where it has to be checked. */
  known(request: FastifyRequest): TokenBearer | undefined {
    const token = tokenOf(request);
    return token === null ? undefined : this.verified.find(token, this.clock.wall());
  }

  /** @throws AppError INVALID_TOKEN, EXPIRED_TOKEN, or 503 AUTH_UNAVAILABLE when the key set cannot be read. */
  async authenticate(request: FastifyRequest): Promise<TokenBearer> {
    const known = this.known(request);
    if (known) return known;
    const token = tokenOf(request);
    const outcome = await this.run(request);
    if ('failure' in outcome) throw refusalOf(outcome.failure);
    try {
      const bearer = bearerFrom(outcome.claims, this.config.auth.rolesClaim);
      if (token !== null) this.verified.keep(token, bearer);
      return bearer;
    } catch (error) {
      throw error instanceof UnusableClaims ? authentication('INVALID_TOKEN', error.message) : error;
    }
  }

  private run(request: FastifyRequest): Promise<Outcome> {
    return new Promise((resolve) => {
      const attempt = Object.create(this.strategy) as Strategy;
      attempt.success = (claims: Claims) => {
        resolve({ claims });
      };
      attempt.fail = (failure: unknown) => {
        resolve({ failure });
      };
      attempt.error = (failure: unknown) => {
        resolve({ failure });
      };
      // passport-jwt reads nothing but the headers, which Fastify's request has in the same shape as Express's.
      attempt.authenticate(request as unknown as Parameters<Strategy['authenticate']>[0]);
    });
  }
}

function keyProviderOf(source: AuthKeySource): SecretOrKeyProvider<FastifyRequest> {
  if (source.kind === 'secret') {
    // As a text jsonwebtoken would first try to read it as a public key, which takes ten times as long as the check
    // itself. It takes a key object as well, which passport-jwt hands through and its types have not heard of.
    const secret = createSecretKey(source.secret, 'utf8') as unknown as string;
    return (_request, _token, done) => {
      done(null, secret);
    };
  }
  const keys = new SigningKeys(source.url);
  return (_request, token: string, done) => {
    const header = decode(token, { complete: true })?.header;
    if (!header || !ASYMMETRIC.some((algorithm) => algorithm === header.alg)) {
      done(new Error('The token is not signed with an accepted algorithm'));
      return;
    }
    keys.find(header.kid).then(
      (key) => {
        if (key && (key.alg === undefined || key.alg === header.alg)) done(null, key.publicKey);
        else done(new Error('The token is not signed with a key of the identity provider'));
      },
      (error: unknown) => {
        done(error);
      },
    );
  };
}

/** The caller learns that the token is bad or old; which check failed stays in the log. */
function refusalOf(failure: unknown): AppError {
  if (failure instanceof TokenExpiredError) return authentication('EXPIRED_TOKEN', 'The token has expired');
  if (failure instanceof SigningKeysUnavailable) {
    return unavailable('AUTH_UNAVAILABLE', 'Tokens cannot be checked at the moment', 5, failure);
  }
  return authentication('INVALID_TOKEN', 'A valid bearer token is needed');
}
