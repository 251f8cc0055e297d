import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];

/**
 * Numbers are whole, money being in minor units, unless a field says that it is a `double`: classes know only numbers, and a
 * generated client would take cents for fractions. Changes the schemas.
 */
export function declareIntegers(schemas: Schemas): void {
  for (const schema of Object.values(schemas)) declare(schema);
}

function declare(schema: Schema): void {
  if ('$ref' in schema) return;
  if (schema.type === 'number' && schema.format === undefined) schema.type = 'integer';
  const { properties = {}, items, additionalProperties, allOf = [], oneOf = [], anyOf = [] } = schema;
  for (const part of [...Object.values(properties), ...allOf, ...oneOf, ...anyOf]) declare(part);
  if (items !== undefined) declare(items);
  if (typeof additionalProperties === 'object') declare(additionalProperties);
}
