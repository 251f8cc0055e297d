import { canonicalJson, sameJson } from './canonical-json';

/** A change as the walk needs it: the object after it, and before it where the provider says so. */
export interface Change {
  payload: object;
  before: object | null;
}

export interface Walk<F> {
  facts: F[];
  /** Whether the changes themselves fix which state came last. */
  endKnown: boolean;
}

/** A change as an edge between states; without `before` it is a look at the state it tells. Null joins what is not linked. */
interface Edge<F> {
  fact: F | null;
  from: number;
  to: number;
}

/**
 * Orders changes of one moment by what each says the object was before: a walk along `before -> payload` that uses every
 * change once, begun at the state the moment began in. Where such a walk exists its last state is the same for every
 * walk (it is fixed by the changes' degrees), so false -> true -> false within a second ends at false. A change that does
 * not say what was before stands where the walk comes by its state. Where links are missing there are several walks:
 * each is kept whole, the one from the beginning first, the others in the order given.
 * @param group in the order that decides where the walk leaves it open.
 * @param begin the state before, where there is one.
 * @param sure whether it may count as known; else it only leads the walk.
 */
export function walkChanges<F extends Change>(group: readonly F[], begin: object | null, sure: boolean): Walk<F> {
  const stateOf = numbering(group.length);
  const start = begin ? stateOf(begin) : null;
  const edges = group.map((fact): Edge<F> => {
    const to = stateOf(fact.payload);
    return { fact, from: fact.before ? stateOf(fact.before) : to, to };
  });
  const parts = componentsOf(edges);
  const first = start === null ? -1 : parts.findIndex((part) => reaches(part, start));
  const inOrder = first > 0 ? [parts[first] as Edge<F>[], ...parts.toSpliced(first, 1)] : parts;
  const walks = inOrder.map((part) => walkOf(part, start));
  const moving = walks.filter(({ edges: own }) => own.some(({ from, to }) => from !== start || to !== start));
  const [only] = moving;
  return {
    facts: walks.flatMap(({ edges: own }) => own.flatMap(({ fact }) => fact ?? [])),
    endKnown: only === undefined || (moving.length === 1 && only.endKnown && (sure || !only.closed)),
  };
}

/** Up to so many changes it is cheaper to look through the states than to write each down. */
const FEW = 16;

/** Equal states have equal numbers. */
function numbering(changes: number): (state: object) => number {
  const known: object[] = [];
  const texts = new Map<string, number>();
  return (state) => {
    if (changes <= FEW) {
      const number = known.findIndex((other) => sameJson(other, state));
      return number === -1 ? known.push(state) - 1 : number;
    }
    const text = canonicalJson(state);
    const number = texts.get(text) ?? texts.size;
    texts.set(text, number);
    return number;
  };
}

function reaches(edges: readonly Edge<unknown>[], state: number): boolean {
  return edges.some(({ from, to }) => from === state || to === state);
}

/** Changes that hang together by their states, each part and the parts in the order given. */
function componentsOf<F>(edges: readonly Edge<F>[]): Edge<F>[][] {
  const parent = new Map<number, number>();
  const rootOf = (state: number): number => {
    let root = state;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) {
      parent.set(root, parent.get(up) ?? up);
      root = up;
    }
    return root;
  };
  for (const { from, to } of edges) parent.set(rootOf(from), rootOf(to));
  const parts = new Map<number, Edge<F>[]>();
  for (const edge of edges) {
    const root = rootOf(edge.to);
    const part = parts.get(root);
    if (part) part.push(edge);
    else parts.set(root, [edge]);
  }
  return [...parts.values()];
}

interface PartWalk<F> {
  edges: Edge<F>[];
  endKnown: boolean;
  /** It comes back to where it began, so that its end is its beginning. */
  closed: boolean;
}

/**
 * The walk over one part. More changes leaving a state than reaching it make it a beginning, the other way round an end;
 * with several of them the missing links are put in, so that one walk still uses every change.
 */
function walkOf<F>(part: readonly Edge<F>[], start: number | null): PartWalk<F> {
  const surplus = new Map<number, number>();
  for (const { from, to } of part) {
    surplus.set(from, (surplus.get(from) ?? 0) + 1);
    surplus.set(to, (surplus.get(to) ?? 0) - 1);
  }
  const begun = start !== null && reaches(part, start);
  const begins = [...surplus].flatMap(([state, n]) => Array<number>(Math.max(n, 0)).fill(state));
  const ends = [...surplus].flatMap(([state, n]) => Array<number>(Math.max(-n, 0)).fill(state));
  if (begun && begins.includes(start)) begins.unshift(...begins.splice(begins.indexOf(start), 1));
  const missing = begins.slice(1).map((to, i): Edge<F> => ({ fact: null, from: ends[i] as number, to }));
  const from = begins[0] ?? (begun ? start : (part[0] as Edge<F>).from);
  const inPlace = surplus.size === 1;
  const endKnown = begins.length === 0 ? begun || inPlace : begins.length === 1 && (!begun || from === start);
  return { edges: trail([...part, ...missing], from), endKnown, closed: begins.length === 0 && !inPlace };
}

/** Hierholzer's walk over all edges, which hang together and leave one from `start`; ties by the edges' own order. */
function trail<F>(edges: readonly Edge<F>[], start: number): Edge<F>[] {
  const leaving = new Map<number, Edge<F>[]>();
  for (const edge of edges.toReversed()) {
    const others = leaving.get(edge.from);
    if (others) others.push(edge);
    else leaving.set(edge.from, [edge]);
  }
  const stack: { state: number; via: Edge<F> | null }[] = [{ state: start, via: null }];
  const walk: Edge<F>[] = [];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const next = leaving.get(top.state)?.pop();
    if (next) stack.push({ state: next.to, via: next });
    else {
      stack.pop();
      if (top.via) walk.push(top.via);
    }
  }
  return walk.reverse();
}
