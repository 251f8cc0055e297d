import jwksRsa, { type JwksClient } from 'jwks-rsa';

export interface SigningKey {
  /** SPKI in PEM. */
  readonly publicKey: string;
  /** The only algorithm the provider allows for it, where it says so. */
  readonly alg: string | undefined;
}

const FRESH_MS = 10 * 60_000;
/** While the provider is away, keys it has published stay good for this long; revoking one takes at most as long. */
const STALE_MS = 24 * 60 * 60_000;
/** An unknown key id asks the provider at most this often, so that made-up ids cannot be used to flood it. */
const COOLDOWN_MS = 10_000;

/** The identity provider did not answer, so nothing can be said about a token; not the caller's fault. */
export class SigningKeysUnavailable extends Error {}

/**
 * The identity provider's published keys, by `kid`. The whole set is kept rather than single keys: a flood of unknown
 * ids can then neither push out nor delay the known ones.
 */
export class SigningKeys {
  private readonly client: JwksClient;
  private keys = new Map<string, SigningKey>();
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private running: Promise<void> | undefined;

  /** `elapsed` is monotonic milliseconds: a clock set back must not freeze the keys. */
  constructor(
    jwksUri: string,
    private readonly elapsed: () => number = () => performance.now(),
  ) {
    this.client = jwksRsa({ jwksUri, cache: false, rateLimit: false, timeout: 5_000 });
  }

  /** @throws SigningKeysUnavailable. Undefined when the provider publishes no such key. */
  async find(kid: string | undefined): Promise<SigningKey | undefined> {
    const age = this.elapsed() - this.fetchedAt;
    if (age > STALE_MS) await this.refresh();
    else if (age > FRESH_MS) void this.refresh().catch(() => undefined);
    const known = this.lookUp(kid);
    if (known) return known;
    await this.refresh();
    return this.lookUp(kid);
  }

  /** Without a `kid` only a single published key can be meant. */
  private lookUp(kid: string | undefined): SigningKey | undefined {
    if (kid !== undefined) return this.keys.get(kid);
    return this.keys.size === 1 ? [...this.keys.values()][0] : undefined;
  }

  private refresh(): Promise<void> {
    this.running ??= this.fetch().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async fetch(): Promise<void> {
    const now = this.elapsed();
    if (now - this.triedAt < COOLDOWN_MS) {
      if (this.fetchedAt < this.triedAt) throw new SigningKeysUnavailable('The key set could not be read a moment ago');
      return;
    }
    this.triedAt = now;
    let published;
    try {
      published = await this.client.getSigningKeys();
    } catch (cause) {
      throw new SigningKeysUnavailable('The key set of the identity provider cannot be read', { cause });
    }
    this.keys = new Map(published.map((key) => [key.kid, { publicKey: key.getPublicKey(), alg: key.alg }]));
    this.fetchedAt = this.elapsed();
  }
}
