import { invalidRequest } from './stripe-errors';

/** What expanding needs to know of the objects. */
export interface ExpandSource {
  /** The object with this id, or undefined. */
  get(id: string): object | undefined;
  /** A sub-object that exists only when asked for, e.g. an invoice's `confirmation_secret`. */
  expandable(objectId: string, field: string): object | number | undefined;
}

type Json = Record<string, unknown>;
const MAX_LEVELS = 4;

/** Fields that Stripe shows only when asked for; null when there is nothing to show. */
const ON_REQUEST: Readonly<Record<string, readonly string[]>> = {
  charge: ['refunds'],
  'checkout.session': ['line_items'],
  coupon: ['applies_to', 'currency_options'],
  customer: ['cash_balance', 'sources', 'subscriptions', 'tax', 'tax_ids'],
  invoice: ['confirmation_secret', 'payments'],
  price: ['currency_options', 'tiers'],
  refund: ['failure_balance_transaction'],
};

/**
 * A deep copy of `answer` with ids replaced by their objects along `paths` (`customer`, `data.latest_invoice.payments`).
 * The copy is what goes over the wire, so the store's own objects never leave it.
 * @throws StripeSandboxError (400) for a path that leads nowhere or is deeper than Stripe's four levels.
 */
export function expand(answer: object, paths: readonly string[], source: ExpandSource): Json {
  const root = copy(answer);
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.length > MAX_LEVELS + (steps[0] === 'data' ? 1 : 0)) {
      throw invalidRequest(`You cannot expand more than ${MAX_LEVELS} levels of a property (${path}).`, 'expand');
    }
    expandAt(root, steps, path, source);
  }
  return root;
}

function expandAt(target: Json, [step = '', ...rest]: readonly string[], path: string, source: ExpandSource): void {
  if (target[step] === undefined && typeof target['id'] === 'string') {
    const extra = source.expandable(target['id'], step);
    // A figure that is shown on request leads nowhere further.
    if (typeof extra === 'number') {
      target[step] = extra;
      return;
    }
    if (extra) target[step] = copy(extra);
    else if (ON_REQUEST[String(target['object'])]?.includes(step)) target[step] = null;
  }
  const value = target[step];
  if (value === undefined) throw cannotExpand(target, path);
  if (Array.isArray(value)) {
    const items = value as unknown[];
    target[step] = items.map((item) => lookUp(item, path, source));
  } else if (value !== null) {
    target[step] = lookUp(value, path, source);
  }
  if (rest.length === 0) return;
  for (const next of [target[step]].flat()) {
    if (typeof next === 'object' && next !== null) expandAt(next as Json, rest, path, source);
  }
}

function lookUp(value: unknown, path: string, source: ExpandSource): unknown {
  if (typeof value === 'object' && value !== null) return value;
  const object = typeof value === 'string' ? source.get(value) : undefined;
  if (!object) throw invalidRequest(`This property cannot be expanded (${path}).`, 'expand[0]');
  return copy(object);
}

function cannotExpand(target: Json, path: string): Error {
  const hint = target['object'] === 'list' ? ` You may want to try expanding 'data.${path}' instead.` : '';
  return invalidRequest(`This property cannot be expanded (${path}).${hint}`, 'expand[0]');
}

/** Through JSON, because decimals become strings on the wire. */
function copy(object: object): Json {
  return JSON.parse(JSON.stringify(object)) as Json;
}
