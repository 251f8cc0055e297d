import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { isAppError } from '../../shared/app-error';
import { GoogleCerts } from './google-certs';
import { googleNotConfigured, invalidPush } from './google-errors';

const ISSUER = 'https://accounts.google.com';
const MAX_TOKEN_CHARS = 8_192;
const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * Verifies who pushes: an OpenID token of Google's, for our endpoint, of the account that the subscription pushes as
 * (cloud.google.com/pubsub/docs/authenticate-push-subscriptions). It says nothing of the body; TLS does.
 */
@Injectable()
export class GoogleVerifier {
  constructor(
    private readonly config: AppConfig,
    private readonly certs: GoogleCerts,
  ) {}

  /** @throws INVALID_SIGNATURE, PROVIDER_UNAVAILABLE while Google's certificates cannot be read (ask again). */
  async verify(authorization: string | undefined): Promise<void> {
    const { google } = this.config;
    if (!google) throw googleNotConfigured();
    const token = BEARER.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > MAX_TOKEN_CHARS) throw invalidPush();
    try {
      const keyId = keyIdOf(token);
      const pem = await this.certs.pemOf(keyId);
      if (pem === null) throw new Error('Google has no such key');
      // Loaded where it is needed: most processes never hear of Google.
      const { OAuth2Client } = await import('google-auth-library');
      const client = new OAuth2Client();
      const ticket = await client.verifySignedJwtWithCertsAsync(token, { [keyId]: pem }, google.pushAudience, [ISSUER]);
      const claims = ticket.getPayload();
      // The library leaves these two to us: any Google account gets tokens for any audience.
      if (claims?.email !== google.pushServiceAccount || claims.email_verified !== true) {
        throw new Error('it is of another account');
      }
    } catch (error) {
      throw isAppError(error) ? error : invalidPush(error);
    }
  }
}

/** @throws Error for any algorithm but Google's: the library would believe what the token says of itself. */
function keyIdOf(token: string): string {
  const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
  const { alg, kid } = header as { alg?: unknown; kid?: unknown };
  if (alg !== 'RS256' || typeof kid !== 'string' || kid === '') throw new Error('it is not signed as Google signs');
  return kid;
}
