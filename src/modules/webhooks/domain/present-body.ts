/** Deeper than any event; what recurses over an answer would run out of stack on one that is much deeper. */
const MAX_DEPTH = 200;

export interface PresentedBody {
  payload: unknown;
  /** Null where there is no body. */
  encoding: 'json' | 'base64' | null;
}

/** Pure: a stored body for an answer in JSON: as the JSON it is, or byte for byte in base64 where it is something else. */
export function presentBody(body: Buffer | null): PresentedBody {
  if (body === null) return { payload: null, encoding: null };
  try {
    const payload: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (!isDeeperThan(payload, MAX_DEPTH)) return { payload, encoding: 'json' };
  } catch {
    // Not JSON, or not even text: shown as bytes below.
  }
  return { payload: body.toString('base64'), encoding: 'base64' };
}

/** Level by level, for a body may be nested to any depth. */
function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item): unknown[] => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
