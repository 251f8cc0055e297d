/** SQLSTATE classes that mean "not now": connection failures, shutdown, too many connections, resources. */
const UNAVAILABLE_SQLSTATE = /^(08|57P|53)/;
const UNAVAILABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
]);
const UNAVAILABLE_TEXT =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|server (?:has )?closed the connection|terminating connection|can't reach database server|connection ?(?:is )?closed|not queryable|databasenotreachable|the database system is/i;
/** Serialization failure, deadlock, lock not available: another unit of work was in the way, and trying again helps. */
const CONTENTION_SQLSTATE = new Set(['40001', '40P01', '55P03']);
const STATEMENT_TIMEOUT = '57014';

/** PostgreSQL is away, refuses, or did not answer in time: nothing is wrong with the request. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return someCause(error, ({ code, message }) =>
    code !== null && (UNAVAILABLE_CODES.has(code) || UNAVAILABLE_SQLSTATE.test(code) || code === STATEMENT_TIMEOUT)
      ? true
      : UNAVAILABLE_TEXT.test(message),
  );
}

/** Two units of work met; the same work tried again will pass. */
export function isContention(error: unknown): boolean {
  return someCause(error, ({ code }) => code !== null && (CONTENTION_SQLSTATE.has(code) || code === 'P2034'));
}

/** A value PostgreSQL cannot hold (SQLSTATE class 22): NUL in a text, a number out of range. No retry will change it. */
export function isDataException(error: unknown): boolean {
  return someCause(error, ({ code }) => code !== null && /^22[0-9A-Z]{3}$/.test(code));
}

/**
 * A statement over many rows failed for one of them: besides a value that cannot be held, a constraint (class 23) or an
 * index entry beyond its limit (class 54).
 */
export function isRowsFault(error: unknown): boolean {
  return someCause(error, ({ code }) => code !== null && /^(?:22|23|54)[0-9A-Z]{3}$/.test(code));
}

/** The SQLSTATE of a unique violation, through Prisma (P2002) or `pg`. */
export function isUniqueViolation(error: unknown): boolean {
  return someCause(error, ({ code }) => code === '23505' || code === 'P2002');
}

interface Cause {
  code: string | null;
  message: string;
}

/** Prisma wraps the driver's error (`meta.driverAdapterError.cause`), and Node wraps in `cause` and `errors`. */
function someCause(error: unknown, test: (cause: Cause) => boolean, depth = 0): boolean {
  if (error === null || typeof error !== 'object' || depth > 6) return false;
  const e = error as Record<string, unknown>;
  for (const code of [e['code'], e['originalCode'], e['sqlState']]) {
    if (typeof code === 'string' && test({ code, message: '' })) return true;
  }
  const message = [e['message'], e['originalMessage'], e['kind']].filter((x) => typeof x === 'string').join(' ');
  if (message && test({ code: null, message })) return true;
  const meta = e['meta'] as Record<string, unknown> | undefined;
  const inner = [
    e['cause'],
    meta?.['driverAdapterError'],
    ...(Array.isArray(e['errors']) ? (e['errors'] as unknown[]) : []),
  ];
  if (typeof meta?.['code'] === 'string' && test({ code: meta['code'], message: '' })) return true;
  return inner.some((cause) => someCause(cause, test, depth + 1));
}
