import { invalidRequest } from './stripe-errors';

/**
 * One page of a list in Stripe's envelope. `params` may carry `limit` (1 to 100, default 10), `starting_after` and
 * `ending_before`.
 * @param items all of them, newest first.
 * @throws StripeSandboxError (400) for a limit out of range or a cursor that is not in the list.
 */
export function paginate<T extends { readonly id: string }>(
  items: readonly T[],
  params: Readonly<Record<string, unknown>>,
  url: string,
): { object: 'list'; data: T[]; has_more: boolean; url: string } {
  const limit = typeof params['limit'] === 'number' ? params['limit'] : 10;
  if (limit < 1 || limit > 100) {
    throw invalidRequest(`Invalid integer: limit must be between 1 and 100, is ${limit}.`, 'limit');
  }
  const after = position(items, params['starting_after'], 'starting_after');
  const before = position(items, params['ending_before'], 'ending_before');
  if (before !== undefined) {
    const from = Math.max(0, before - limit);
    return { object: 'list', data: items.slice(from, before), has_more: from > 0, url };
  }
  const from = after === undefined ? 0 : after + 1;
  return { object: 'list', data: items.slice(from, from + limit), has_more: items.length > from + limit, url };
}

function position(items: readonly { readonly id: string }[], cursor: unknown, param: string): number | undefined {
  if (typeof cursor !== 'string') return undefined;
  const index = items.findIndex((item) => item.id === cursor);
  if (index < 0) throw invalidRequest(`No such object: '${cursor}'`, param, 'resource_missing');
  return index;
}
