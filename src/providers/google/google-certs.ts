import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config';
import { Clock } from '../../shared/clock';
import { certsUnavailable } from './google-errors';

/** Certificates in PEM, by key id (developers.google.com/identity/openid-connect/openid-connect). */
const CERTS_URL = 'https://www.googleapis.com/oauth2/v1/certs';
const TIMEOUT_MS = 5_000;
/** Where the answer does not say how long it is good for. */
const DEFAULT_LIFE_SECONDS = 300;
/** Strangers name keys that do not exist: for them Google is not asked more often than this. */
const ASK_AGAIN_MS = 30_000;

interface Certs {
  readonly byKeyId: ReadonlyMap<string, string>;
  /** Wall time in milliseconds. */
  readonly goodUntil: number;
}

/** The keys Google signs its pushes with, kept as long as it says; a key nobody knows is looked for once more. */
@Injectable()
export class GoogleCerts {
  private readonly url: string;
  private certs: Certs | null = null;
  private reading: Promise<Certs> | null = null;
  private soughtAt = -Infinity;

  constructor(
    config: AppConfig,
    private readonly clock: Clock,
  ) {
    this.url = config.google?.certsUrl ?? CERTS_URL;
  }

  /** PEM of a key; null where Google has none of this id. @throws PROVIDER_UNAVAILABLE */
  async pemOf(keyId: string): Promise<string | null> {
    const now = this.clock.wall().getTime();
    const certs = this.certs && now < this.certs.goodUntil ? this.certs : await this.read();
    const pem = certs.byKeyId.get(keyId);
    if (pem !== undefined) return pem;
    if (now - this.soughtAt < ASK_AGAIN_MS) return null;
    this.soughtAt = now;
    return (await this.read()).byKeyId.get(keyId) ?? null;
  }

  /** Those who need it at once share one request. */
  private async read(): Promise<Certs> {
    this.reading ??= this.fetch().finally(() => {
      this.reading = null;
    });
    try {
      this.certs = await this.reading;
      return this.certs;
    } catch (error) {
      throw certsUnavailable(error);
    }
  }

  private async fetch(): Promise<Certs> {
    const answer = await fetch(this.url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`the certificates were answered with ${answer.status}`);
    const body = (await answer.json()) as Record<string, unknown>;
    const entries = Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    const maxAge = /max-age=(\d{1,9})/.exec(answer.headers.get('cache-control') ?? '')?.[1];
    const life = (maxAge === undefined ? DEFAULT_LIFE_SECONDS : Number(maxAge)) * 1000;
    return { byKeyId: new Map(entries), goodUntil: this.clock.wall().getTime() + life };
  }
}
