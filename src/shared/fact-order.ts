/** A fact as ordering needs it. */
export interface Orderable {
  kind: string;
  occurredAt: Date;
  sourceId: string;
  payload: object;
  before: object | null;
}

/**
 * The one order of a set of facts, whatever order they arrived in: provider's time, rank of the kind, chain, source id.
 * A pure function of the set, so duplication and arrival order cannot matter.
 * @param rankOf place within one moment: created first, deleted last, finalized before paid.
 */
export function orderFacts<F extends Orderable>(facts: readonly F[], rankOf: (fact: F) => number): F[] {
  const sorted = [...facts].sort(
    (a, b) =>
      a.occurredAt.getTime() - b.occurredAt.getTime() || rankOf(a) - rankOf(b) || compareText(a.sourceId, b.sourceId),
  );
  const ordered: F[] = [];
  for (let start = 0; start < sorted.length;) {
    const first = sorted[start] as F;
    let end = start + 1;
    while (end < sorted.length && sameMoment(first, sorted[end] as F, rankOf)) end += 1;
    const group = sorted.slice(start, end);
    ordered.push(...(group.length === 1 ? group : chain(group, ordered.at(-1)?.payload ?? null)));
    start = end;
  }
  return ordered;
}

function sameMoment<F extends Orderable>(a: F, b: F, rankOf: (fact: F) => number): boolean {
  return a.occurredAt.getTime() === b.occurredAt.getTime() && rankOf(a) === rankOf(b);
}

/**
 * Orders changes of one second by what each says the object was before: a walk along `before -> payload` that uses every
 * change once, begun at the state the second began in. Where such a walk exists its last state is the same for every
 * walk (it is fixed by the changes' degrees), so false -> true -> false within a second ends at false. Changes that
 * join no walk keep the order of their source ids.
 */
function chain<F extends Orderable>(group: readonly F[], begin: object | null): F[] {
  const edges = group.map((fact) => ({
    fact,
    from: fact.before ? canonicalJson(fact.before) : null,
    to: canonicalJson(fact.payload),
  }));
  if (edges.some((edge) => edge.from === null)) return [...group];
  const starts = [...(begin ? [canonicalJson(begin)] : []), ...startStates(edges)];
  for (const start of starts) {
    const walk = trail(edges, start);
    if (walk.length === edges.length) return walk.map((edge) => edge.fact);
  }
  return [...group];
}

interface Edge<F> {
  fact: F;
  from: string | null;
  to: string;
}

/** States a walk may begin in when the state before is not known: more changes leave them than reach them. */
function startStates<F>(edges: readonly Edge<F>[]): string[] {
  const surplus = new Map<string, number>();
  for (const { from, to } of edges) {
    surplus.set(from ?? '', (surplus.get(from ?? '') ?? 0) + 1);
    surplus.set(to, (surplus.get(to) ?? 0) - 1);
  }
  return [...surplus].filter(([, n]) => n > 0).map(([state]) => state);
}

/** Hierholzer's walk over all edges reachable from `start`, ties by the edges' own order. */
function trail<F>(edges: readonly Edge<F>[], start: string): Edge<F>[] {
  const leaving = new Map<string, Edge<F>[]>();
  for (const edge of [...edges].reverse())
    leaving.set(edge.from ?? '', [...(leaving.get(edge.from ?? '') ?? []), edge]);
  const stack: { state: string; via: Edge<F> | null }[] = [{ state: start, via: null }];
  const walk: Edge<F>[] = [];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const next = leaving.get(top.state)?.pop();
    if (next) stack.push({ state: next.to, via: next });
    else {
      stack.pop();
      if (top.via) walk.push(top.via);
    }
  }
  walk.reverse();
  const joined = walk.every((edge, i) => edge.from === (i === 0 ? start : walk[i - 1]?.to));
  return joined ? walk : [];
}

/** JSON with sorted keys: equal states have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => compareText(a, b)))
      : part,
  );
}

/** Order by code units, the same on every machine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
