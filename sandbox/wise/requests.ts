import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { problems, type Problem } from './api-error';
// Not named like the JSON file: without an extension Node would prefer `.json` to `.ts`.
import document from './schema/wise-schema.json';

interface OperationSchema {
  readonly query: object;
  readonly body?: object;
  /** By status. */
  readonly answers: Readonly<Record<string, object>>;
}

const text = { type: 'string' };
/** What Wise has and its published documents have not. */
const UNPUBLISHED: Readonly<Record<string, OperationSchema>> = {
  'GET /v1/profiles/{profileId}/balance-statements/{balanceId}/statement.json': {
    query: {
      type: 'object',
      properties: { currency: text, intervalStart: text, intervalEnd: text, type: text, statementLocale: text },
      required: ['currency', 'intervalStart', 'intervalEnd'],
      additionalProperties: false,
    },
    answers: {},
  },
};

/** By method and path, e.g. `POST /v1/transfers`; `scripts/derive-wise-schema.ts` writes them. */
export const OPERATIONS: Readonly<Record<string, OperationSchema>> = {
  ...(document as unknown as Readonly<Record<string, OperationSchema>>),
  ...UNPUBLISHED,
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;
const OPTIONS = {
  ...{ strict: false, allErrors: true },
  formats: { uuid: UUID, 'date-time': DATE_TIME, date: /^\d{4}-\d{2}-\d{2}$/, int64: true, int32: true },
} as const;

const bodies = new Ajv(OPTIONS);
/** Everything in a URL is text. */
const queries = new Ajv({ ...OPTIONS, coerceTypes: true });
const compiled = new Map<object, ValidateFunction>();

/** Why a value is not what a schema wants; empty where it is. The values of a query are converted in place. */
export function mismatches(schema: object, value: unknown, where: 'query' | 'body' = 'body'): ErrorObject[] {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = (where === 'query' ? queries : bodies).compile(schema);
    compiled.set(schema, validate);
  }
  return validate(value) ? [] : [...(validate.errors ?? [])];
}

/** @throws WiseApiError (400) for what Wise's documents do not have, and for what they ask for. */
export function check(operation: string, query: object, body: unknown): void {
  const schema = OPERATIONS[operation];
  if (!schema) throw new Error(`${operation} is not in the derived schema`);
  const wrong = mismatches(schema.query, query, 'query');
  if (schema.body) wrong.push(...mismatches(schema.body, body));
  if (wrong.length > 0) throw problems(400, ...wrong.map(problemOf));
}

function problemOf({ keyword, params, instancePath, message = '' }: ErrorObject): Problem {
  // Wise names a detail without the object it is in.
  const at = instancePath
    .slice(1)
    .replace(/^details(\/|$)/, '')
    .replaceAll('/', '.');
  const inside = (name: unknown): string => (at === '' ? String(name) : `${at}.${String(name)}`);
  if (keyword === 'required') {
    return { code: 'NotNull', message: 'must not be null', path: inside(params['missingProperty']) };
  }
  if (keyword === 'additionalProperties') {
    const path = inside(params['additionalProperty']);
    return { code: 'UNEXPECTED', message: `Unrecognized field "${path}"`, path };
  }
  return { code: 'not.valid', message, path: at };
}
