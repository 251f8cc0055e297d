/**
 * Cuts out of Wise's OpenAPI documents what the sandbox plays: of each operation its query, its body and its answers as closed JSON
 * Schemas, without the prose.
 *
 * Usage: node -r @swc-node/register scripts/derive-wise-schema.ts <folder of wise-*-api-openapi.yml>
 * (writes sandbox/wise/schema/wise-schema.json; the documents are not part of this repository)
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const SCHEMA_FILE = path.join(__dirname, '../sandbox/wise/schema/wise-schema.json');

const OPERATIONS = [
  'POST /v3/profiles/{profileId}/quotes',
  'GET /v3/profiles/{profileId}/quotes/{quoteId}',
  'PATCH /v3/profiles/{profileId}/quotes/{quoteId}',
  'GET /v1/quotes/{quoteId}/account-requirements',
  'POST /v1/quotes/{quoteId}/account-requirements',
  'GET /v1/accounts',
  'POST /v1/accounts',
  'GET /v1/accounts/{accountId}',
  'GET /v2/accounts',
  'GET /v2/accounts/{accountId}',
  'DELETE /v2/accounts/{accountId}',
  'POST /v1/transfers',
  'GET /v1/transfers',
  'GET /v1/transfers/{transferId}',
  'PUT /v1/transfers/{transferId}/cancel',
  'GET /v1/transfers/{transferId}/payments',
  'POST /v1/transfer-requirements',
  'POST /v3/profiles/{profileId}/transfers/{transferId}/payments',
  'GET /v4/profiles/{profileId}/balances',
  'GET /v4/profiles/{profileId}/balances/{balanceId}',
  'GET /v1/simulation/transfers/{transferId}/{status}',
  'POST /v1/simulation/balance/topup',
  'POST /v3/profiles/{profileId}/subscriptions',
  'GET /v3/profiles/{profileId}/subscriptions',
  'GET /v3/profiles/{profileId}/subscriptions/{subscriptionId}',
  'DELETE /v3/profiles/{profileId}/subscriptions/{subscriptionId}',
];

/** What says something about a value; the rest is for readers. */
const KEPT = ['type', 'format', 'enum', 'minLength', 'maxLength', 'minimum', 'maximum', 'required', 'pattern'];
/** Where the document's own examples have null, and its types have not. */
const NULLABLE = [
  ...['usageInfo', 'displayFormat', 'example', 'minLength', 'maxLength', 'validationRegexp', 'validationAsync'],
  ...['fullName', 'valuesAllowed'],
];

type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly parameters?: readonly Json[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Json }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Json }>> }>
  >;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>> | undefined>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Json>> };
}

/** An object without declared properties stays open. @param name of the property it stands under */
function closed(schema: Json, document: OpenApi, name = ''): Json {
  const ref = schema['$ref'];
  if (typeof ref === 'string') {
    const target = document.components?.schemas?.[ref.split('/').pop() ?? ''];
    if (!target) throw new Error(`${ref} is not in the document`);
    return closed(target, document, name);
  }
  const kept = Object.fromEntries(KEPT.filter((key) => key in schema).map((key) => [key, schema[key]]));
  const { properties, items, oneOf } = schema as { properties?: Record<string, Json>; items?: Json; oneOf?: Json[] };
  return {
    ...kept,
    ...(items && { items: closed(items, document) }),
    // Transfers on behalf of others are the other alternative, and not played.
    ...(oneOf?.[0] && closed(oneOf[0], document, name)),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, one]) => [key, closed(one, document, key)])),
      // A recipient's details are what its account requirements say; the document has those of one currency.
      additionalProperties: name === 'details' && 'accountNumber' in properties,
    }),
    ...(NULLABLE.includes(name) && { type: [...new Set([schema['type'], 'null'].flat())] }),
  };
}

function derive(operation: Operation, document: OpenApi): Json {
  const parameters = (operation.parameters ?? []).filter((one) => one['in'] === 'query');
  const [body] = Object.values(operation.requestBody?.content ?? {});
  const answers = Object.entries(operation.responses).flatMap(([status, { content = {} }]) => {
    const schema = content['application/json']?.schema;
    return schema && Object.keys(schema).length > 0 ? [[status, closed(schema, document)] as const] : [];
  });
  return {
    query: {
      type: 'object',
      properties: Object.fromEntries(
        parameters.map((one) => [String(one['name']), closed((one['schema'] ?? {}) as Json, document)]),
      ),
      required: parameters.filter((one) => one['required'] === true).map((one) => one['name']),
      additionalProperties: false,
    },
    ...(body?.schema && { body: closed(body.schema, document) }),
    answers: Object.fromEntries(answers),
  };
}

function main(): void {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error("which folder has Wise's OpenAPI documents?");
  // The reader of YAML that @nestjs/swagger comes with.
  const yaml = createRequire(require.resolve('@nestjs/swagger'))('js-yaml') as { load: (text: string) => unknown };
  const files = readdirSync(folder).filter((name) => name.endsWith('-openapi.yml'));
  const documents = files.map((name) => yaml.load(readFileSync(path.join(folder, name), 'utf8')) as OpenApi);
  const derived = OPERATIONS.map((key) => {
    const [method = '', url = ''] = key.split(' ');
    const document = documents.find(({ paths }) => paths[url]?.[method.toLowerCase()]);
    const operation = document?.paths[url]?.[method.toLowerCase()];
    if (!document || !operation) throw new Error(`${key} is in none of the documents`);
    return [key, derive(operation, document)];
  });
  writeFileSync(SCHEMA_FILE, `${JSON.stringify(Object.fromEntries(derived), null, 1)}\n`);
}

main();
