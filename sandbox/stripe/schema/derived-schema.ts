/**
 * The request side of Stripe's API as the pinned `stripe` package types it: routes, parameter schemas, event types.
 * `scripts/derive-stripe-schema.ts` writes `stripe-schema.json`; a spec beside that script fails when the two differ.
 */
// Not named like the JSON file: without an extension Node would prefer `.json` to `.ts`.
import document from './stripe-schema.json';

/** The slice of JSON Schema that request parameters need. Every alternative of a union stands in `anyOf`. */
export interface ParamSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly ParamSchema[];
  /** `''` stands for Stripe's "unset this field", which the SDK sends for `null`. */
  readonly enum?: readonly (string | number | boolean)[];
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly format?: 'decimal';
  readonly items?: ParamSchema;
  readonly properties?: Readonly<Record<string, ParamSchema>>;
  readonly required?: readonly string[];
  /** `false` for a closed object; a schema for a map such as `metadata`. */
  readonly additionalProperties?: false | ParamSchema;
}

export interface RouteSchema {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{…}` segments, e.g. `/v1/customers/{id}`. */
  readonly path: string;
  /** The SDK's name of the call, e.g. `customers.retrieve`. */
  readonly sdk: string;
  /** Absent when the call takes no parameters at all. */
  readonly params?: ParamSchema;
}

export interface StripeSchema {
  readonly apiVersion: string;
  readonly sdkVersion: string;
  /** Event type -> the `object` of what it carries, e.g. `invoice.paid` -> `invoice`. */
  readonly events: Readonly<Record<string, string>>;
  readonly routes: readonly RouteSchema[];
  readonly $defs: Readonly<Record<string, ParamSchema>>;
}

export const stripeSchema = document as unknown as StripeSchema;

/** Follows a `$ref` into `$defs`. @throws Error on a reference that the derivation did not write. */
export function resolve(schema: ParamSchema, defs: StripeSchema['$defs'] = stripeSchema.$defs): ParamSchema {
  if (schema.$ref === undefined) return schema;
  const target = defs[schema.$ref.slice('#/$defs/'.length)];
  if (!target) throw new Error(`stripe-schema.json has no ${schema.$ref}`);
  return target;
}
