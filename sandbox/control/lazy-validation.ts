import { Ajv } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';

/** Unknown and mistyped fields of the control API are mistakes to be told, not to be mended. */
const ajv = new Ajv({ useDefaults: true, addUsedSchema: false });

/**
 * Schemas are compiled when they are first used, and once for all sandboxes of the process: compiling all of them was a tenth of
 * what starting one took, a run of the tests starts a hundred, and each story uses few.
 */
export const validateLazily: FastifySchemaCompiler<object> = ({ schema }) => {
  return (value: unknown) => {
    // Ajv knows a schema that it has compiled before.
    const validate = ajv.compile(schema);
    return validate(value) ? { value } : { error: validate.errors ?? [] };
  };
};
