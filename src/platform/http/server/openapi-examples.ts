import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];
type PlainSchema = Exclude<Schema, { $ref: string }>;
type Media = Record<string, { schema?: Schema; example?: unknown }>;

const JSON_TYPE = 'application/json';
const REFERENCE = '#/components/schemas/';
/** What every example takes for now. */
const SOME_TIME = '2026-01-15T10:00:00.000Z';

/**
 * Gives each JSON body and each answer an example, put together from those of its fields: what a field says of itself is
 * said once and shown everywhere. Changes the document.
 */
export function addExamples(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  const exemplify = (content: Media | undefined): void => {
    const media = content?.[JSON_TYPE];
    if (media?.schema !== undefined) media.example ??= exampleOf(media.schema, schemas);
  };
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete]) {
      if (operation?.requestBody && 'content' in operation.requestBody) exemplify(operation.requestBody.content);
      for (const answer of Object.values(operation?.responses ?? {})) {
        if (answer && 'content' in answer) exemplify(answer.content);
      }
    }
  }
}

/**
 * A value that fits the schema. What has no example of its own is, in this order: its default, the first that is allowed,
 * some time, null where it may be, and else its type's emptiest value.
 */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  const plain = resolve(schema, schemas);
  const own: unknown = plain.example ?? plain.default ?? (plain.enum as unknown[] | undefined)?.[0];
  if (own !== undefined) return own;
  if (plain.format === 'date-time') return SOME_TIME;
  const part = [...(plain.allOf ?? []), ...(plain.oneOf ?? []), ...(plain.anyOf ?? [])][0];
  if (part !== undefined) return exampleOf(part, schemas);
  if (plain.nullable === true) return null;
  switch (plain.type) {
    case 'array':
      return plain.items === undefined ? [] : [exampleOf(plain.items, schemas)];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 0;
    case 'string':
      return '';
    default:
      return Object.fromEntries(
        Object.entries(plain.properties ?? {}).map(([name, field]) => [name, exampleOf(field, schemas)]),
      );
  }
}

function resolve(schema: Schema, schemas: Schemas): PlainSchema {
  if (!('$ref' in schema)) return schema;
  const target = schemas[schema.$ref.slice(REFERENCE.length)];
  return target === undefined ? {} : resolve(target, schemas);
}
