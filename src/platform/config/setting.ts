import { createSecretKey, type KeyObject } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** What a parser may know about the process it parses for. */
export interface ParseContext {
  readonly production: boolean;
}

/** Turns a non-empty, trimmed text into a value; throws an Error whose message completes "<NAME> ...". */
export type Parser<T> = (raw: string, context: ParseContext) => T;

/** One environment variable: everything the loader, `.env.example` and a reader need to know about it. */
export interface Setting<T> {
  readonly description: string;
  /** Never printed, not even when it is wrong. */
  readonly secret: boolean;
  readonly required: 'always' | 'production' | 'never';
  readonly fallback: T;
  readonly parse: Parser<T>;
}

interface About {
  readonly description: string;
  readonly secret?: boolean;
}

/** Boot fails without it, everywhere. The fallback only lets parsing go on, so that all problems are told at once. */
export function required<T>(parse: Parser<T>, about: About): Setting<T | undefined> {
  return { secret: false, ...about, parse, required: 'always', fallback: undefined };
}

/** Boot fails without it in production; elsewhere it may be missing. */
export function requiredInProduction<T>(parse: Parser<T>, about: About): Setting<T | undefined> {
  return { secret: false, ...about, parse, required: 'production', fallback: undefined };
}

export function optional<T>(parse: Parser<T>, about: About): Setting<T | undefined> {
  return { secret: false, ...about, parse, required: 'never', fallback: undefined };
}

export function withDefault<T>(parse: Parser<T>, fallback: T, about: About): Setting<T> {
  return { secret: false, ...about, parse, required: 'never', fallback };
}

export const text: Parser<string> = (raw) => raw;

export function minLength(length: number): Parser<string> {
  return (raw) => {
    if (raw.length < length) throw new Error(`must have at least ${length} characters`);
    return raw;
  };
}

export function integer(min: number, max: number): Parser<number> {
  return (raw) => {
    const value = Number(raw);
    if (!/^\d+$/.test(raw) || value < min || value > max)
      throw new Error(`must be a whole number from ${min} to ${max}`);
    return value;
  };
}

export const boolean: Parser<boolean> = (raw) => {
  if (raw === 'true') return true;
  if (raw === 'false') return false;
  throw new Error('must be true or false');
};

export function oneOf<const T extends string>(...allowed: readonly T[]): Parser<T> {
  return (raw) => {
    const found = allowed.find((value) => value === raw);
    if (found === undefined) throw new Error(`must be one of ${allowed.join(', ')}`);
    return found;
  };
}

/** Comma-separated; blanks around and empty places between commas are ignored, but nothing at all is an error. */
export function list<T>(parse: Parser<T>): Parser<readonly T[]> {
  return (raw, context) => {
    const parts = raw
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (parts.length === 0) throw new Error('must name at least one value');
    return parts.map((part) => parse(part, context));
  };
}

/** What counts from a day on, until the next one's; the first without a day counts from the beginning. */
export interface DatedChoice<T extends string> {
  readonly choice: T;
  /** ISO date; '' is the beginning. */
  readonly since: string;
}

function isDay(text: string): boolean {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // 30 February is read as 2 March.
  return Number.isFinite(day) && new Date(day).toISOString().startsWith(text);
}

/** `first,second@2026-01-01`: choices in the order of their days. */
export function datedChoices<const T extends string>(...allowed: readonly T[]): Parser<readonly DatedChoice<T>[]> {
  const one: Parser<DatedChoice<T>> = (raw, context) => {
    const [name = '', since = ''] = raw.split('@');
    if (raw !== name && !isDay(since)) throw new Error('must name a day of the calendar as in standard@2026-01-01');
    return { choice: oneOf(...allowed)(name, context), since };
  };
  return (raw, context) => {
    const choices = list(one)(raw, context);
    const inOrder = choices.every(({ since }, at) =>
      at === 0 ? since === '' : since > (choices[at - 1]?.since ?? ''),
    );
    if (!inOrder) throw new Error('must begin with one that has no day, and go on in the order of the days');
    return choices;
  };
}

/** One of Apple's environments whose signatures are checked. Xcode's and local ones are not: whoever wrote one would be believed. */
export const appleEnvironment: Parser<'Production' | 'Sandbox'> = (raw) => {
  if (/^(xcode|local_?testing)$/i.test(raw)) {
    throw new Error(`must not name ${raw}: nobody signs its receipts, so everybody could grant himself anything`);
  }
  return oneOf('Production', 'Sandbox')(raw, { production: false });
};

function parseUrl(raw: string, protocols: readonly string[]): URL {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  if (!url || !protocols.includes(url.protocol)) {
    throw new Error(`must be a URL starting with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
  }
  return url;
}

/** An http(s) address without a trailing slash; plain http is refused in production. */
export const webUrl: Parser<string> = (raw, { production }) => {
  const url = parseUrl(raw, ['https:', 'http:']);
  if (production && url.protocol !== 'https:') throw new Error('must start with https:// in production');
  if (url.username !== '' || url.password !== '') throw new Error('must not carry a user name or a password');
  return raw.replace(/\/+$/, '');
};

/** `https://host[:port]` and nothing behind it, as browsers send it in `Origin`. */
export const origin: Parser<string> = (raw, context) => {
  const value = webUrl(raw, context);
  if (new URL(value).origin !== value.toLowerCase()) throw new Error(`must be an origin without a path, not "${raw}"`);
  return new URL(value).origin;
};

/** A web origin, or the scheme of an app's deep links written `myapp://`. */
export const redirectTarget: Parser<string> = (raw, context) => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\/$/i.exec(raw)?.[1]?.toLowerCase();
  if (scheme === undefined) return origin(raw, context);
  if (['http', 'https', 'javascript', 'data', 'file', 'blob', 'vbscript', 'about'].includes(scheme)) {
    throw new Error(`must not allow the scheme ${scheme}:// as a whole`);
  }
  return `${scheme}://`;
};

/** A connection string for one of the given protocols; kept as it is, for it holds a password. */
export function connectionUrl(...protocols: readonly string[]): Parser<string> {
  return (raw) => {
    parseUrl(raw, protocols);
    return raw;
  };
}

/** `a@b.example` or `Name <a@b.example>`; nothing that could end a header. */
export const mailbox: Parser<string> = (raw) => {
  if (!/^(?:[^<>"@,;:\p{Cc}]+ <[^\s<>@,;:"]+@[^\s<>@,;:"]+>|[^\s<>@,;:"]+@[^\s<>@,;:"]+)$/u.test(raw)) {
    throw new Error('must be an address, or a name and an address in angle brackets');
  }
  return raw;
};

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export const hostPort: Parser<HostPort> = (raw) => {
  const match = /^(\[[0-9a-f:]+\]|[^:\s]+):(\d{1,5})$/i.exec(raw);
  const port = Number(match?.[2]);
  if (!match?.[1] || port < 1 || port > 65535) throw new Error('must be written host:port');
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
};

/** Wider ones would open nearly everything; production has no use for that. */
const WIDEST_NETWORK_BITS = 8;

/** A network such as `10.1.0.0/16` or `fd00:1::/32`. */
export const network: Parser<string> = (raw, { production }) => {
  if (!/^[0-9a-f.:]+\/\d{1,3}$/i.test(raw) || !ipaddr.isValidCIDR(raw)) {
    throw new Error('must list networks such as 10.1.0.0/16 or fd00:1::/32');
  }
  if (production && ipaddr.parseCIDR(raw)[1] < WIDEST_NETWORK_BITS) {
    throw new Error(`must not list networks wider than /${WIDEST_NETWORK_BITS} in production`);
  }
  return raw;
};

/** The name of an HTTP header (RFC 9110, section 5.1, as far as proxies use it). */
export const headerName: Parser<string> = (raw) => {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(raw)) throw new Error('must be the name of an HTTP header');
  return raw;
};

/** 32 random bytes in base64, for AES-256; held as a KeyObject so that no log or JSON can show it. */
export const encryptionKey: Parser<KeyObject> = (raw) => {
  const bytes = Buffer.from(raw, 'base64');
  if (!/^[A-Za-z0-9+/]{43}=$/.test(raw) || bytes.length !== 32) throw new Error('must hold keys of 32 bytes in base64');
  return createSecretKey(bytes);
};

/**
 * How far `X-Forwarded-For` is believed: not at all, for a number of hops, or for given proxies. "true" is refused,
 * because it lets every caller choose its own address.
 */
export const trustProxy: Parser<false | number | readonly string[]> = (raw, context) => {
  if (raw === 'false') return false;
  if (/^\d+$/.test(raw)) return integer(1, 10)(raw, context);
  if (raw === 'true')
    throw new Error('must be false, a number of hops, or a list of proxies; true would trust everybody');
  return list((part) => {
    if (!/^([0-9a-f:.]+(\/\d{1,3})?|loopback|linklocal|uniquelocal)$/i.test(part)) {
      throw new Error(`must list addresses or ranges, not "${part}"`);
    }
    return part;
  })(raw, context);
};
