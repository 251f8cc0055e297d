/** JSON with sorted keys: equal states have equal text, whatever order their keys were written or stored in. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((part: unknown) => canonicalJson(part ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object' || 'toJSON' in value) return JSON.stringify(value);
  const object = value as Record<string, unknown>;
  const parts: string[] = [];
  for (const key of Object.keys(object).sort()) {
    const part = object[key];
    if (part !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(part)}`);
  }
  return `{${parts.join(',')}}`;
}

/** Whether both have the same `canonicalJson`: much cheaper than writing it, the more so where they differ. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((part, i) => sameJson(part, b[i]));
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = namesOf(left);
  return (
    names.length === namesOf(right).length &&
    // A name such as `constructor` is in every object, but not its own.
    names.every((name) => sameJson(left[name], right[name]) && Object.hasOwn(right, name))
  );
}

function namesOf(object: Record<string, unknown>): string[] {
  const names = Object.keys(object);
  return names.some((name) => object[name] === undefined) ? names.filter((name) => object[name] !== undefined) : names;
}

/** Order by code units, the same on every machine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
