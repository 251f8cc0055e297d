import type { AppConfig } from '../../config';
import { validation } from '../../../shared/app-error';

export interface RedirectRules {
  /** Origins (`https://app.example`) and app schemes (`myapp://`), as the configuration has checked them. */
  readonly allowed: readonly string[];
  /** Plain http is refused even when listed. */
  readonly httpsOnly: boolean;
}

/** The rules of this installation. */
export function redirectRules(config: AppConfig): RedirectRules {
  return { allowed: config.http.redirectAllowList, httpsOnly: config.isProduction };
}

/**
 * Pure: the address a customer may be sent to, exactly as given; placeholders such as Stripe's
 * `{CHECKOUT_SESSION_ID}` survive. Compared by the parser browsers use (WHATWG URL), so that tricks with user names,
 * backslashes or control characters are seen as the browser would see them.
 * @throws 400 REDIRECT_NOT_ALLOWED naming `field`.
 */
export function allowedRedirect(raw: string, field: string, rules: RedirectRules): string {
  if (isAllowed(raw, rules)) return raw;
  throw validation('REDIRECT_NOT_ALLOWED', 'This address is not on the list of allowed redirects', { field });
}

function isAllowed(raw: string, { allowed, httpsOnly }: RedirectRules): boolean {
  // The parser would strip or translate these; what we checked must be what the browser gets.
  if (/[\s\p{Cc}\\]/u.test(raw) || !URL.canParse(raw)) return false;
  const url = new URL(raw);
  if (url.username !== '' || url.password !== '' || /^[^/?#]*\/\/[^/?#]*@/.test(raw)) return false;
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    if (httpsOnly && url.protocol !== 'https:') return false;
    // `https:example.com` means another thing without a base than with one.
    return /^https?:\/\/[^/]/i.test(raw) && allowed.includes(url.origin);
  }
  return raw.toLowerCase().startsWith(`${url.protocol}//`) && allowed.includes(`${url.protocol}//`);
}
