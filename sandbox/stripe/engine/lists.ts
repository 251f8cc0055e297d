/** Stripe's lists and searches: newest first, in pages, with cursors. */
import type Stripe from 'stripe';
import { integer, invalidRequest, resourceMissing } from './errors';
import type { AnyWireObject, WireList, WireType } from './wire';

const DEFAULT_LIMIT = 10;
const MAXIMUM_LIMIT = 100;

export interface PageParams {
  readonly limit?: number;
  readonly starting_after?: string;
  readonly ending_before?: string;
  readonly created?: number | Stripe.RangeQueryParam;
}

function limitOf(limit: number | undefined): number {
  return integer(limit ?? DEFAULT_LIMIT, 'limit', 1, MAXIMUM_LIMIT);
}

/** Whether a moment lies where a filter such as `created` asks for it. */
export function inRange(value: number, range: number | Stripe.RangeQueryParam | undefined): boolean {
  if (range === undefined) return true;
  if (typeof range === 'number') return value === range;
  return (
    (range.gt === undefined || value > range.gt) &&
    (range.gte === undefined || value >= range.gte) &&
    (range.lt === undefined || value < range.lt) &&
    (range.lte === undefined || value <= range.lte)
  );
}

/** What Stripe lists: everything but discounts says when it was made. */
type Listed = Extract<AnyWireObject, { created: number }>;

function cursor(objects: readonly AnyWireObject[], type: WireType, id: string, param: string): number {
  const at = objects.findIndex((object) => object.id === id);
  if (at < 0) throw resourceMissing(type, id, param);
  return at;
}

/**
 * One page.
 *
 * @param objects all that match, oldest first, as the store has them.
 * @throws 400 for a limit outside 1 to 100; 404 for a cursor that is not among the objects.
 */
export function paginate<T extends Listed>(
  type: T['object'],
  objects: readonly T[],
  params: PageParams,
  url: string,
): WireList<T> {
  const limit = limitOf(params.limit);
  const newest = objects.filter((object) => inRange(object.created, params.created)).reverse();
  if (params.ending_before !== undefined) {
    const at = cursor(newest, type, params.ending_before, 'ending_before');
    const from = Math.max(0, at - limit);
    return { object: 'list', data: newest.slice(from, at), has_more: from > 0, url };
  }
  const from =
    params.starting_after === undefined ? 0 : cursor(newest, type, params.starting_after, 'starting_after') + 1;
  return { object: 'list', data: newest.slice(from, from + limit), has_more: newest.length > from + limit, url };
}

interface Clause {
  readonly field: string;
  readonly metadataKey: string | null;
  readonly value: string;
}

const clausePattern =
  /^\s*(?:metadata\[(["'])(?<key>[^"']+)\1\]|(?<field>[a-z_]+))\s*:\s*(["'])(?<value>(?:\\.|(?!\4).)*)\4\s*$/;

function parseClause(text: string): Clause {
  const groups = clausePattern.exec(text)?.groups;
  if (groups === undefined) {
    throw invalidRequest(
      `This sandbox understands search clauses like field:"value" and metadata["key"]:"value", joined by AND; not: ${text.trim()}`,
      'query',
    );
  }
  const value = (groups.value ?? '').replace(/\\(.)/g, '$1');
  return { field: groups.field ?? 'metadata', metadataKey: groups.key ?? null, value };
}

/** Cuts a query at its ANDs, but not inside quotes. */
function clausesOf(query: string): Clause[] {
  const parts = query.match(/(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?!\s+and\s)[\s\S])+/gi) ?? [];
  return parts.map((part) => parseClause(part.replace(/^\s*and\s/i, '')));
}

function matches(object: object, clause: Clause): boolean {
  const record: Record<string, unknown> = { ...object };
  const source = clause.metadataKey === null ? record : { ...(record.metadata ?? {}) };
  const value: unknown = Reflect.get(source, clause.metadataKey ?? clause.field);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return false;
  return String(value).toLowerCase() === clause.value.toLowerCase();
}

export interface SearchParams {
  readonly query: string;
  readonly limit?: number;
  readonly page?: string;
}

export interface SearchResult<T> {
  object: 'search_result';
  data: T[];
  has_more: boolean;
  next_page: string | null;
  url: string;
}

/**
 * Stripe's search, for equality clauses joined by AND. Unlike Stripe's, its index is never behind.
 *
 * @param fields what can be searched besides metadata.
 * @throws 400 for any other query.
 */
export function search<T extends AnyWireObject>(
  objects: readonly T[],
  params: SearchParams,
  fields: readonly string[],
  url: string,
): SearchResult<T> {
  const limit = limitOf(params.limit);
  const clauses = clausesOf(params.query);
  const unknown = clauses.find((clause) => clause.metadataKey === null && !fields.includes(clause.field));
  if (unknown !== undefined) {
    throw invalidRequest(`Field \`${unknown.field}\` is an unsupported search field for this resource.`, 'query');
  }
  const found = objects.filter((object) => clauses.every((clause) => matches(object, clause))).reverse();
  const from = Number(params.page ?? '0');
  if (!Number.isInteger(from) || from < 0) throw invalidRequest('Invalid page.', 'page');
  const more = found.length > from + limit;
  return {
    object: 'search_result',
    data: found.slice(from, from + limit),
    has_more: more,
    next_page: more ? String(from + limit) : null,
    url,
  };
}
