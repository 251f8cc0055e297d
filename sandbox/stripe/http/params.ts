import { ParamSchema, resolve } from '../schema/derived-schema';
import { FormNode, FormTree } from './form';
import { emptyParameter, invalidRequest, missingParameter, unknownParameters } from './stripe-errors';

/** Parameters with their types, and what to expand in the answer. */
export interface DecodedParams {
  readonly params: Record<string, unknown>;
  readonly expand: readonly string[];
}

const NO_PARAMS: ParamSchema = { type: 'object', properties: {}, additionalProperties: false };

/**
 * Gives a decoded form its types, as the schema has them, and refuses what Stripe would refuse.
 * @throws StripeSandboxError (400): `parameter_unknown`, `parameter_missing`, `parameter_invalid_integer`,
 * `parameter_invalid_empty`, or a wrong value, each naming the parameter in bracket notation.
 */
export function coerceParams(schema: ParamSchema | undefined, form: FormTree): DecodedParams {
  const params = coerceObject(resolve(schema ?? NO_PARAMS), form, '');
  const { expand, ...rest } = params;
  return { params: rest, expand: (expand as string[] | undefined) ?? [] };
}

function coerce(given: ParamSchema, node: FormNode, name: string): unknown {
  const schema = resolve(given);
  if (schema.anyOf) return coerceUnion(schema.anyOf, node, name);
  if (schema.enum) return coerceEnum(schema.enum, node, name);
  switch (schema.type) {
    case 'object':
      if (typeof node === 'string') throw invalidRequest('Invalid object', name);
      return coerceObject(schema, node, name);
    case 'array':
      return coerceArray(schema, node, name);
    case 'integer':
    case 'number':
      return coerceNumber(schema.type, node, name);
    case 'boolean':
      if (node === 'true' || node === 'false') return node === 'true';
      throw invalidRequest(`Invalid boolean: ${text(node, name)}`, name);
    case 'string':
      return coerceString(schema, node, name);
    case undefined:
      throw new Error(`the schema of ${name} has no type`);
  }
}

function coerceObject(schema: ParamSchema, form: FormTree, name: string): Record<string, unknown> {
  const at = (key: string): string => (name === '' ? key : `${name}[${key}]`);
  const { properties = {}, required = [], additionalProperties } = schema;
  const keys = Object.keys(form);
  const unknown = keys.filter((key) => !Object.hasOwn(properties, key) && !additionalProperties);
  if (unknown.length > 0) throw unknownParameters(unknown.map(at));
  const missing = required.find((key) => form[key] === undefined);
  if (missing !== undefined) throw missingParameter(at(missing));
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    const node = form[key];
    const property = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (node === undefined || !property) continue;
    if (node === '' && required.includes(key)) throw emptyParameter(at(key));
    // Defined, not assigned: a metadata key may be called `__proto__`.
    const value = coerce(property, node, at(key));
    Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return result;
}

function coerceArray(schema: ParamSchema, node: FormNode, name: string): unknown[] {
  const { items } = schema;
  if (typeof node === 'string' || !items || !Object.keys(node).every(isIndex))
    throw invalidRequest('Invalid array', name);
  return Object.entries(node)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([index, item]) => coerce(items, item, `${name}[${index}]`));
}

function coerceNumber(type: 'integer' | 'number', node: FormNode, name: string): number {
  const value = text(node, name);
  if (type === 'number') {
    if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value);
    throw invalidRequest(`Invalid decimal: ${value}`, name);
  }
  if (/^-?\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value);
  throw invalidRequest(`Invalid integer: ${value}`, name, 'parameter_invalid_integer');
}

function coerceString(schema: ParamSchema, node: FormNode, name: string): string {
  if (typeof node !== 'string') throw invalidRequest('Invalid string: must be text, not a hash or an array', name);
  if (schema.format === 'decimal' && !/^-?\d+(\.\d{1,12})?$/.test(node)) {
    throw invalidRequest(`Invalid decimal: ${node}; must contain at maximum 12 decimal places.`, name);
  }
  return node;
}

function coerceEnum(values: readonly (string | number | boolean)[], node: FormNode, name: string): unknown {
  const found = typeof node === 'string' ? values.find((value) => String(value) === node) : undefined;
  if (found !== undefined) return found;
  if (node === '') throw emptyParameter(name);
  const label = /\[([^[\]]+)\]$/.exec(name)?.[1] ?? name;
  const choices = new Intl.ListFormat('en', { type: 'disjunction' }).format(
    values.map(String).filter((value) => value !== ''),
  );
  throw invalidRequest(`Invalid ${label}: must be one of ${choices}`, name);
}

/** The first alternative that takes the value; if none does, the objection of the last that could have. */
function coerceUnion(alternatives: readonly ParamSchema[], node: FormNode, name: string): unknown {
  const values = alternatives.filter((schema) => !isUnset(resolve(schema)));
  if (node === '' && values.length < alternatives.length) return '';
  const shaped = values.filter((schema) => takesShape(resolve(schema), node));
  let objection: unknown;
  for (const schema of shaped.length > 0 ? shaped : values) {
    try {
      return coerce(schema, node, name);
    } catch (error) {
      objection = error;
    }
  }
  throw objection;
}

/** The alternative by which a field is cleared; it says nothing about its values. */
function isUnset(schema: ParamSchema): boolean {
  return schema.enum?.length === 1 && schema.enum[0] === '';
}

function takesShape(schema: ParamSchema, node: FormNode): boolean {
  if (typeof node === 'string') return schema.type !== 'object' && schema.type !== 'array';
  if (schema.type === 'array') return Object.keys(node).every(isIndex);
  return schema.type === 'object';
}

function isIndex(key: string): boolean {
  return /^\d{1,6}$/.test(key);
}

function text(node: FormNode, name: string): string {
  if (typeof node === 'string') return node;
  throw invalidRequest('Invalid value: must be text, not a hash or an array', name);
}
