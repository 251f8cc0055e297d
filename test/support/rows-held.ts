import { Client, type QueryResult } from 'pg';

/**
 * Does the work and looks at every statement of this process meanwhile, whoever sends it.
 * @returns the most rows that one of them brought: so many were here at once, however many there are.
 */
export async function mostRowsAtOnce(work: () => Promise<unknown>): Promise<number> {
  let most = 0;
  const look = (result: unknown): void => {
    for (const { rows } of [result].flat() as Partial<QueryResult>[]) most = Math.max(most, rows?.length ?? 0);
  };
  type Callback = (error: Error | null, result: unknown) => void;
  const query: (this: Client, ...args: never[]) => unknown = Client.prototype.query;
  const spy = jest.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      const answered: Callback = (error, result) => {
        if (!error) look(result);
        (callback as Callback)(error, result);
      };
      return query.call(this, ...([...args.slice(0, -1), answered] as never[]));
    }
    const answer = query.call(this, ...(args as never[]));
    return answer instanceof Promise
      ? answer.then((result: unknown) => {
          look(result);
          return result;
        })
      : answer;
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return most;
}
