import type { OpenAPIObject } from '@nestjs/swagger';

type Json = Record<string, unknown>;

const NULL = { type: 'null' };
const LISTS = ['allOf', 'oneOf', 'anyOf'] as const;

/**
 * OpenAPI 3.1 is JSON Schema 2020-12, where null is a type like others; the decorators still say `nullable`, which is of 3.0
 * and would be ignored. Changes the document.
 */
export function sayNullsAsTypes(document: OpenAPIObject): void {
  const { components, paths } = document;
  if (components?.schemas) components.schemas = mapped(components.schemas, toSchema31) as typeof components.schemas;
  for (const path of Object.values(paths)) {
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete]) {
      for (const place of placesOf(operation)) if (place.schema) place.schema = toSchema31(place.schema);
    }
  }
}

interface Place {
  schema?: unknown;
}

/** Whatever of an operation has a schema: parameters, bodies, and headers of answers. */
function placesOf(operation: object | undefined): Place[] {
  const {
    parameters = [],
    requestBody,
    responses = {},
  } = (operation ?? {}) as {
    parameters?: Place[];
    requestBody?: { content?: Record<string, Place> };
    responses?: Record<string, { content?: Record<string, Place>; headers?: Record<string, Place> }>;
  };
  const answers = Object.values(responses).flatMap(({ content = {}, headers = {} }) => [
    ...Object.values(content),
    ...Object.values(headers),
  ]);
  return [...parameters, ...Object.values(requestBody?.content ?? {}), ...answers];
}

/** Pure. Examples and defaults are values and stay as they are, whatever their fields are called. */
export function toSchema31(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, ...rest } = schema as Json;
  const part = { ...rest };
  if (isJson(part['properties'])) part['properties'] = mapped(part['properties'], toSchema31);
  for (const name of ['items', 'additionalProperties']) {
    if (part[name] !== undefined) part[name] = toSchema31(part[name]);
  }
  for (const name of LISTS) {
    if (Array.isArray(part[name])) part[name] = part[name].map(toSchema31);
  }
  return nullable === true ? orNull(part) : part;
}

function orNull(schema: Json): Json {
  const { type, enum: allowed, allOf, oneOf, anyOf, ...rest } = schema;
  // What is said beside a reference: a list of one, with the type of what it refers to.
  if (Array.isArray(allOf))
    return { ...rest, anyOf: [...(allOf.length === 1 ? (allOf as unknown[]) : [{ allOf }]), NULL] };
  if (Array.isArray(oneOf)) return { ...rest, oneOf: [...(oneOf as unknown[]), NULL] };
  if (Array.isArray(anyOf)) return { ...rest, anyOf: [...(anyOf as unknown[]), NULL] };
  if (typeof type !== 'string') return schema;
  const values = Array.isArray(allowed) && !allowed.includes(null) ? [...(allowed as unknown[]), null] : allowed;
  return { ...rest, type: [type, 'null'], ...(values !== undefined && { enum: values }) };
}

function mapped(parts: Json, change: (part: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, change(part)]));
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
