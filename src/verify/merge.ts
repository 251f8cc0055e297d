export interface Keyed {
  key: string;
}

/** Rows of one key from two sources; null where the one or the other has none. */
export interface Pair<T> {
  key: string;
  left: T | null;
  right: T | null;
}

/** Pairs two sources of rows, each in the order of its keys' bytes (PostgreSQL's collation "C") and each key once; holds one row of each. */
export async function* merge<T extends Keyed>(
  left: AsyncIterator<T, void>,
  right: AsyncIterator<T, void>,
): AsyncGenerator<Pair<T>, void, void> {
  let [a, b] = [await nextOf(left), await nextOf(right)];
  while (a !== null || b !== null) {
    const order = a === null ? 1 : b === null ? -1 : Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
    const pair: Pair<T> = {
      key: (order <= 0 ? a : b)?.key ?? '',
      left: order <= 0 ? a : null,
      right: order >= 0 ? b : null,
    };
    if (order <= 0) a = await nextOf(left);
    if (order >= 0) b = await nextOf(right);
    yield pair;
  }
}

async function nextOf<T>(rows: AsyncIterator<T, void>): Promise<T | null> {
  const { value } = await rows.next();
  return value ?? null;
}
