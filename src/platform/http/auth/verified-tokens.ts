import type { TokenBearer } from './principal';

/** Tokens are short-lived, but not this short: a signing key that was withdrawn is noticed this soon. */
const TRUSTED_MS = 60_000;
const MOST_TOKENS = 10_000;
/** Longer ones are checked each time, so that what is kept stays small. */
const LONGEST_TOKEN = 4_096;

interface Verified {
  bearer: TokenBearer;
  verifiedAt: number;
}

/**
 * Tokens whose signature, issuer and audience were found good a moment ago. An app sends the same token with every request,
 * and checking it costs more than the rest of a small request. Whether it has expired is asked each time.
 */
export class VerifiedTokens {
  private readonly tokens = new Map<string, Verified>();

  /** @param elapsed monotonic milliseconds. */
  constructor(private readonly elapsed: () => number = () => performance.now()) {}

  /** Undefined: it has to be checked. */
  find(token: string, wall: Date): TokenBearer | undefined {
    const known = this.tokens.get(token);
    if (!known) return undefined;
    if (this.elapsed() - known.verifiedAt < TRUSTED_MS && wall < known.bearer.expiresAt) return known.bearer;
    this.tokens.delete(token);
    return undefined;
  }

  keep(token: string, bearer: TokenBearer): void {
    if (token.length > LONGEST_TOKEN) return;
    // The oldest goes first: it would be checked again soonest anyway.
    for (const oldest of this.tokens.keys()) {
      if (this.tokens.size < MOST_TOKENS) break;
      this.tokens.delete(oldest);
    }
    this.tokens.set(token, { bearer, verifiedAt: this.elapsed() });
  }
}
