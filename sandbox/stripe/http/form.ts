import { invalidRequest } from './stripe-errors';

/** A decoded form before its types are known: text, or children by key (an array's keys are its indexes). */
export type FormNode = string | FormTree;
export interface FormTree {
  [key: string]: FormNode;
}

const MAX_DEPTH = 16;
const KEY = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;

/**
 * Decodes Stripe's bracket notation: `items[0][price]=p&expand[]=customer&metadata[k]=v`.
 * A scalar given twice keeps the last value, as Rack does.
 * @throws StripeSandboxError (400) on broken percent encoding, a broken key, or a name used as text and as a hash.
 */
export function decodeForm(text: string): FormTree {
  const root = emptyTree();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const name = decodePart(at < 0 ? pair : pair.slice(0, at));
    insert(root, name, at < 0 ? '' : decodePart(pair.slice(at + 1)));
  }
  return root;
}

/** Two forms as one, for a request that carries both a query string and a body; the body wins. */
export function mergeForms(query: FormTree, body: FormTree): FormTree {
  return Object.assign(emptyTree(), query, body);
}

/** Without a prototype, so that a parameter called `__proto__` or `constructor` is only a name. */
function emptyTree(): FormTree {
  return Object.create(null) as FormTree;
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidRequest('Invalid request: the form is not valid percent-encoded UTF-8.');
  }
}

function insert(root: FormTree, name: string, value: string): void {
  const match = KEY.exec(name);
  if (!match) throw invalidRequest(`Invalid request: cannot parse the parameter name ${name}.`, name);
  const [, head = '', brackets = ''] = match;
  const path = [head, ...[...brackets.matchAll(/\[([^[\]]*)\]/g)].map((step) => step[1] ?? '')];
  if (path.length > MAX_DEPTH) throw invalidRequest(`Invalid request: ${name} is nested too deeply.`, name);
  let at = root;
  path.forEach((step, depth) => {
    const key = step === '' ? String(Object.keys(at).length) : step;
    const existing = at[key];
    if (depth === path.length - 1) {
      if (typeof existing === 'object') throw mixed(name);
      at[key] = value;
      return;
    }
    if (typeof existing === 'string') throw mixed(name);
    at = existing ?? (at[key] = emptyTree());
  });
}

function mixed(name: string): Error {
  return invalidRequest(`Invalid request: ${name} is used both as a value and as a hash.`, name);
}
