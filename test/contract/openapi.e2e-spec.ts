import { randomBytes } from 'node:crypto';
import Ajv, { type ValidateFunction } from 'ajv';
import { EVENT_TYPES, TEST_TYPE } from '../../src/modules/notifications/outgoing/public-events';
import { Buyers } from '../support/buyers';
import { fetchAnswer, jsonPost } from '../support/http-client';
import { startHouse, type House } from '../support/house';
import { asCron, asInternal, asUser } from '../support/tokens';
import { openWise, wiseSettings } from '../support/wise';
import { PAGES, ROUTES, TO_COME, type Auth } from './routes';

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  example?: unknown;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
}
type Content = Record<string, { schema?: Schema; example?: unknown }>;
interface Operation {
  operationId: string;
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  'x-roles'?: string[];
  parameters?: { in: string; name: string; schema?: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}
interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, { post: Operation }>;
  components: { schemas: Record<string, Schema> };
}

const JSON_TYPE = 'application/json';
const PREFIX = '/v1';
const ROLES = ['user', 'support', 'finance', 'admin'] as const;

let house: House;
let document: OpenApi;
/** By `METHOD /path`, the version left out. */
let operations: Map<string, Operation>;

beforeAll(async () => {
  const settings = { ENCRYPTION_KEYS: randomBytes(32).toString('base64'), WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' };
  house = await startHouse({ settings: async (box) => ({ ...settings, ...(await wiseSettings(box)) }) });
  document = (await (await fetch(`${house.app.url}/openapi.json`)).json()) as OpenApi;
  operations = new Map(
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path.slice(PREFIX.length)}`, operation] as const,
      ),
    ),
  );
}, 30_000);
afterAll(() => house.close());

function operationOf(route: string): Operation {
  const operation = operations.get(route);
  if (!operation) throw new Error(`openapi.json does not know ${route}`);
  return operation;
}

/** The schema itself, and what it is put together from. */
function plain(schema: Schema | undefined): Schema {
  if (schema?.$ref !== undefined) return plain(document.components.schemas[schema.$ref.split('/').at(-1) ?? '']);
  const [part] = [...(schema?.allOf ?? []), ...(schema?.oneOf ?? []), ...(schema?.anyOf ?? [])];
  return part ? { ...schema, ...plain(part) } : (schema ?? {});
}

/** Goes a path of fields down; arrays are seen through. */
function fieldAt(schema: Schema | undefined, path: readonly string[]): Schema | undefined {
  const here = plain(schema);
  if (here.items) return fieldAt(here.items, path);
  const [name, ...rest] = path;
  if (name === undefined) return here;
  const next = name === '*' ? here.additionalProperties : here.properties?.[name];
  return typeof next === 'object' ? fieldAt(next, rest) : undefined;
}

/** Each JSON media of an operation, with its place in words. */
function mediaOf(operation: Operation): [string, { schema?: Schema; example?: unknown }][] {
  const body = operation.requestBody?.content[JSON_TYPE];
  const answers = Object.entries(operation.responses).map(
    ([status, answer]) => [status, answer.content?.[JSON_TYPE]] as const,
  );
  return [['body', body] as const, ...answers].flatMap(([place, media]) => (media ? [[place, media]] : []));
}

describe('the document', () => {
  const routes = Object.keys(ROUTES);

  it('has every route of the contract and no other', () => {
    expect([...operations.keys()].sort()).toEqual([...routes].sort());
  });

  it('names what is to come once, and has none of it yet', () => {
    const coming = Object.values(TO_COME).flat();
    expect(new Set(coming).size).toBe(coming.length);
    expect(coming.filter((route) => operations.has(route) || route in ROUTES)).toEqual([]);
  });

  it('is of the version that knows webhooks, and names each of ours with what it says', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.webhooks).sort()).toEqual([...Object.keys(EVENT_TYPES), TEST_TYPE].sort());
    for (const [type, { post }] of Object.entries(document.webhooks)) {
      const { schema, example } = post.requestBody?.content[JSON_TYPE] ?? {};
      expect({ type, ...fits(schema, example) }).toEqual({ type, errors: [] });
      expect(example).toMatchObject({
        type,
        sequence: 1,
        data: { id: expect.stringMatching(/^[a-z]+_\w{26}$/) as string },
      });
      expect(unknownFields(schema, example, [])).toEqual([]);
    }
    expect(JSON.stringify(document)).not.toContain('"nullable":true');
  });

  it('gives each operation a name of its own', () => {
    const names = [...operations.values()].map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(Object.entries(ROUTES))('%s: who may call it', (route, { auth }) => {
    const { security = [], 'x-roles': roles } = operationOf(route);
    const scheme = typeof auth === 'string' ? auth : 'user';
    expect(security).toEqual(scheme === 'public' || scheme === 'signed' ? [] : [{ [scheme]: [] }]);
    expect([...(roles ?? [])].sort()).toEqual(typeof auth === 'string' ? [] : [...auth].sort());
  });

  it.each(Object.entries(ROUTES))('%s: what it takes', (route, { requires = [], takes = [], query = [] }) => {
    const { requestBody, parameters = [] } = operationOf(route);
    const { required = [], properties = {} } = plain(requestBody?.content[JSON_TYPE]?.schema);
    expect([...required].sort()).toEqual([...requires].sort());
    expect([...requires, ...takes].filter((field) => !(field in properties))).toEqual([]);
    expect(parameters.filter((each) => each.in === 'query').map(({ name }) => name)).toEqual(
      expect.arrayContaining([...query]),
    );
    const inPath = parameters.filter((each) => each.in === 'path').map(({ name }) => `{${name}}`);
    expect(route.match(/\{\w+\}/g) ?? []).toEqual(inPath);
  });

  it.each(Object.entries(ROUTES))('%s: what it answers', (route, { status, answers = [] }) => {
    const answer = operationOf(route).responses[String(status)];
    expect(answer).toBeDefined();
    const media = answer?.content?.[JSON_TYPE];
    expect(media !== undefined).toBe(answers.length > 0);
    const missing = answers.filter((path) => {
      const field = media?.schema && fieldAt(media.schema, path.split('.'));
      return field === undefined;
    });
    expect(missing).toEqual([]);
  });

  it.each(routes)('%s: what it is for, and how it refuses', (route) => {
    const { summary, tags, responses } = operationOf(route);
    expect(summary).toMatch(/^\p{Lu}.{5,}[^.]$/u);
    expect(tags).toHaveLength(1);
    expect(responses['default']?.content?.[JSON_TYPE]).toMatchObject({
      schema: { $ref: '#/components/schemas/ErrorEnvelope' },
      example: { success: false, error: { code: expect.any(String) as string } },
    });
  });

  it.each(routes)('%s: examples that fit', (route) => {
    for (const [place, { schema, example }] of mediaOf(operationOf(route))) {
      expect({ place, example }).not.toEqual({ place, example: undefined });
      expect({ place, bare: bareFields(schema, []) }).toEqual({ place, bare: [] });
      expect({ place, ...fits(schema, example) }).toEqual({ place, errors: [] });
    }
  });
});

/** Fields whose example would be an empty text or a zero that nobody wrote. */
function bareFields(schema: Schema | undefined, path: string[]): string[] {
  const here = plain(schema);
  const mayBeNull = Array.isArray(here.type) || schema?.anyOf !== undefined;
  if (here.example !== undefined || here.default !== undefined || here.enum || mayBeNull) return [];
  if (here.items) return bareFields(here.items, path);
  if (here.properties) {
    return Object.entries(here.properties).flatMap(([name, field]) => bareFields(field, [...path, name]));
  }
  const needsOne = here.type === 'string' || here.type === 'number' || here.type === 'integer';
  return needsOne && here.format !== 'date-time' ? [path.join('.')] : [];
}

const compiled = new Map<string, ValidateFunction>();
function fits(schema: Schema | undefined, value: unknown): { errors: string[] } {
  const key = JSON.stringify(schema ?? {});
  let validate = compiled.get(key);
  if (!validate) {
    const isTime = (text: string): boolean => !Number.isNaN(Date.parse(text));
    const ajv = new Ajv({
      strict: false,
      allErrors: true,
      formats: { 'date-time': isTime, uri: true, uuid: true, double: true },
    });
    validate = ajv.compile({ ...schema, components: document.components });
    compiled.set(key, validate);
  }
  validate(value);
  return { errors: (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`) };
}

describe('the service', () => {
  const principals: Record<string, Record<string, string>> = {
    nobody: {},
    ...Object.fromEntries(ROLES.map((role) => [role, asUser(`contract-${role}`, role)])),
    internal: asInternal(),
    cron: asCron(),
  };
  const mayCall = (auth: Auth, who: string): boolean => {
    if (auth === 'public' || auth === 'signed' || auth === who) return true;
    // Whoever is signed in is a user, whatever else he is.
    return typeof auth !== 'string' && isRole(who) && (auth.includes('user') || auth.includes(who));
  };
  const isRole = (who: string): who is (typeof ROLES)[number] => (ROLES as readonly string[]).includes(who);

  /** Only the status: a stream has no end to wait for. */
  const probe = async (route: string, prefix: string, headers: Record<string, string>): Promise<number> => {
    const [method = '', path = ''] = route.split(' ');
    const hasBody = method === 'POST' || method === 'PATCH';
    const answer = await fetch(`${house.app.url}${prefix}${path.replace(/\{\w+\}/g, 'unknown')}`, {
      method,
      headers: { ...headers, ...(hasBody ? { 'content-type': JSON_TYPE } : {}) },
      ...(hasBody ? { body: '{"unknown":true}' } : {}),
    });
    await answer.body?.cancel();
    return answer.status;
  };

  it.each(Object.entries(ROUTES))('%s: lets in who may call, with and without the version', async (route, { auth }) => {
    for (const [who, headers] of Object.entries(principals)) {
      const versioned = await probe(route, PREFIX, headers);
      expect({ who, refused: versioned === 401 || versioned === 403 }).toEqual({ who, refused: !mayCall(auth, who) });
      expect({ who, status: await probe(route, '', headers) }).toEqual({ who, status: versioned });
    }
  });

  it.each(PAGES)('%s', async (page) => {
    const [path = '', type = ''] = page.split(' ');
    const answer = await fetch(`${house.app.url}${path}`, { headers: asInternal() });
    await answer.body?.cancel();
    expect({ status: answer.status, type: answer.headers.get('content-type')?.split(';')[0] }).toEqual({
      ...{ status: 200, type },
    });
  });

  it.each(Object.values(TO_COME).flat())('%s: not yet', async (route) => {
    expect(await probe(route, PREFIX, asUser('contract-all', ...ROLES))).toBe(404);
  });
});

const AFTER_RENEWAL = new Date('2026-02-15T12:00:00Z');

describe('answers', () => {
  const everybody = asUser('contract-user', ...ROLES);
  beforeAll(async () => {
    const buyers = new Buyers(house);
    const { customer } = await buyers.subscribe('contract-user');
    const { card } = await buyers.subscribe('contract-late');
    await buyers.cardIs(card, 'insufficient_funds');
    // The renewal is declined an hour after the period's end.
    await house.advance(AFTER_RENEWAL);
    const { data } = await house.box.stripe.paymentIntents.list({ customer });
    await house.box.control('POST', 'disputes', { paymentIntent: data[0]!.id });
    const discount = jsonPost({ code: 'CONTRACT', percentOff: 5 }, everybody);
    await fetchAnswer(`${house.app.url}${PREFIX}/admin/discounts`, discount);
    const words = { ...jsonPost({ subject: 'Back: {{amount}}' }, everybody), method: 'PUT' };
    await fetchAnswer(`${house.app.url}${PREFIX}/admin/notification-templates/refund_sent/en`, words);
    const endpoint = jsonPost({ url: `${house.app.url}/nobody`, eventTypes: ['*'] }, everybody);
    const { body } = await fetchAnswer(`${house.app.url}${PREFIX}/admin/webhook-endpoints`, endpoint);
    const test = `${house.app.url}${PREFIX}/admin/webhook-endpoints/${String(body['id'])}/test`;
    await fetchAnswer(test, { method: 'POST', headers: everybody });
    await payOut();
    await house.settle();
  });

  /** Somebody who is paid, and a file of payouts. */
  const payOut = async (): Promise<void> => {
    await openWise(house, { USD: 100_000 });
    const details = { legalType: 'PRIVATE', IBAN: 'DE89370400440532013000' };
    const payee = jsonPost({ name: 'Ada Lovelace', currency: 'EUR', type: 'iban', details }, everybody);
    const { body } = await fetchAnswer(`${house.app.url}${PREFIX}/payouts/beneficiaries`, payee);
    const lines = ['12.50', 'x'].map((amount) => `${String(body['id'])},USD,${amount},EUR,Invoice 7`);
    const file = ['beneficiary_id,source_currency,amount,currency,reference', ...lines].join('\n');
    const headers = { ...everybody, 'content-type': 'text/csv' };
    await fetchAnswer(`${house.app.url}${PREFIX}/payouts/batches`, { method: 'POST', headers, body: file });
    const payout = { beneficiary: { id: body['id'] }, sourceCurrency: 'USD', amount: 500, currency: 'EUR' };
    const prepared = jsonPost({ ...payout, reference: 'Invoice 8' }, everybody);
    await fetchAnswer(`${house.app.url}${PREFIX}/payouts/prepare`, prepared);
  };

  const ask = async (path: string, headers: Record<string, string>): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(`${house.app.url}${PREFIX}${path}`, { headers });
    return { status: answer.status, body: await answer.json() };
  };
  /** Where the ids of a collection are found, if not at its own address. */
  const listOf = async (collection: string): Promise<string> => {
    if (collection === '/admin/invoices' || collection === '/support/cases') return '/billing/invoices';
    return collection === '/admin/webhook-deliveries' ? filled('/admin/webhook-endpoints/{id}/deliveries') : collection;
  };
  /** The path with the id of somebody or something there is: the first that its list names. */
  const filled = async (path: string): Promise<string> => {
    const [collection = '', rest] = path.split(/\/\{\w+\}/);
    if (path === '/iap/eligibility') return `${path}?productId=pro.monthly`;
    if (path === '/payouts/beneficiaries/requirements') return `${path}?currency=EUR`;
    if (rest === undefined) return path === '/entitlements/check' ? `${path}?feature=projects` : path;
    if (collection === '/ledger/accounts') return `${collection}/stripe.clearing${rest}?currency=USD`;
    if (collection === '/admin/notification-templates')
      return path.replace('{key}', 'refund_sent').replace('{locale}', 'en');
    if (collection === '/entitlements/users') return `${collection}/contract-user`;
    const listed = await listOf(collection);
    const { data } = (await ask(listed, everybody)).body as { data: { id: string }[] };
    if (!data[0]) throw new Error(`${collection} lists nothing`);
    return `${collection}/${data[0].id}${rest}`;
  };
  const readable = Object.entries(ROUTES).filter(([route, { answers }]) => route.startsWith('GET ') && answers);

  it.each(readable)('%s: is what the document says, and nothing it does not say', async (route, { auth }) => {
    const path = await filled(route.slice('GET '.length));
    const { status, body } = await ask(path, auth === 'internal' ? asInternal() : everybody);
    expect(status).toBe(200);
    const schema = operationOf(route).responses['200']?.content?.[JSON_TYPE]?.schema;
    expect(fits(schema, body)).toEqual({ errors: [] });
    expect(unknownFields(schema, body, [])).toEqual([]);
  });
});

function unknownFields(schema: Schema | undefined, value: unknown, path: string[]): string[] {
  const here = plain(schema);
  if (Array.isArray(value)) return value.flatMap((each) => unknownFields(here.items, each, path));
  if (value === null || typeof value !== 'object' || here.additionalProperties === true || !here.properties) return [];
  return Object.entries(value).flatMap(([name, field]) => {
    const known = here.properties?.[name];
    return known ? unknownFields(known, field, [...path, name]) : [[...path, name].join('.')];
  });
}
