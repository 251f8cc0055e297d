import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sign } from 'jsonwebtoken';
import type { Clock } from '../../shared/clock';

const SCOPE = 'https://www.googleapis.com/auth/androidpublisher';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const HOUR_SECONDS = 3600;
/** A token is not used in its last minute: the request has a way to go. */
const MARGIN_MS = 60_000;

/** What Google Cloud hands out for a service account. */
interface ServiceAccount {
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id?: string;
  readonly token_uri: string;
}

/**
 * Access tokens of a service account (RFC 7523). Google's own library asks for them at one fixed address, whatever the
 * account's file says.
 */
export class GoogleAccess {
  private readonly account: ServiceAccount;
  private token: { readonly text: string; readonly goodUntil: number } | null = null;
  private asking: Promise<string> | null = null;

  /** @throws Error, one sentence with the setting's and the file's name: boot stops on it. */
  constructor(
    file: string,
    private readonly clock: Clock,
    private readonly timeoutMs: number,
  ) {
    this.account = readAccount(file);
  }

  /** Those who need it at once share one request. @throws what the request met, as the SDK's transport would tell it. */
  async bearer(): Promise<string> {
    if (this.token && this.clock.wall().getTime() < this.token.goodUntil) return this.token.text;
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  /** Google does not accept it any more. */
  forget(): void {
    this.token = null;
  }

  private async ask(): Promise<string> {
    const { client_email: issuer, private_key: key, private_key_id: keyid, token_uri: audience } = this.account;
    const options = { algorithm: 'RS256', issuer, audience, expiresIn: HOUR_SECONDS } as const;
    const assertion = sign({ scope: SCOPE }, key, { ...options, ...(keyid !== undefined && { keyid }) });
    const answer = await fetch(audience, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: GRANT, assertion }),
      ...{ redirect: 'error', signal: AbortSignal.timeout(this.timeoutMs) },
    });
    const { status, headers } = answer;
    const refusal = Object.assign(new Error(`the access token was answered with ${status}`), {
      response: { status, headers },
    });
    if (!answer.ok) throw refusal;
    const body = (await answer.json()) as { access_token?: unknown; expires_in?: unknown };
    if (typeof body.access_token !== 'string') throw new Error('the answer holds no access token');
    const life = (typeof body.expires_in === 'number' ? body.expires_in : HOUR_SECONDS) * 1000;
    this.token = { text: body.access_token, goodUntil: this.clock.wall().getTime() + life - MARGIN_MS };
    return body.access_token;
  }
}

function readAccount(file: string): ServiceAccount {
  try {
    const account = JSON.parse(readFileSync(file, 'utf8')) as Partial<ServiceAccount>;
    const { client_email: email, private_key: key, token_uri: uri } = account;
    if (email === undefined || key === undefined || uri === undefined) throw new Error('it is of another kind');
    if (createPrivateKey(key).asymmetricKeyType !== 'rsa') throw new Error('its key is not for RSA');
    return { ...account, client_email: email, private_key: key, token_uri: new URL(uri).href };
  } catch (error) {
    throw new Error(`GOOGLE_APPLICATION_CREDENTIALS names ${file}, which cannot be read as a service account's key.`, {
      cause: error,
    });
  }
}
