/**
 * Derives the request side of Stripe's API from the installed `stripe` package: paths by recording what its client
 * sends, parameters and event types from its declarations through the TypeScript compiler API.
 *
 * Usage: node -r @swc-node/register scripts/derive-stripe-schema.ts   (writes sandbox/stripe/schema/stripe-schema.json)
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import Stripe from 'stripe';
import ts from 'typescript';
import type { ParamSchema, RouteSchema, StripeSchema } from '../sandbox/stripe/schema/derived-schema';

export const SCHEMA_FILE = path.join(__dirname, '../sandbox/stripe/schema/stripe-schema.json');

/** The SDK's resources that the sandbox plays or will play. What is not here answers Stripe's 404. */
const RESOURCES = [
  'balance',
  'balanceTransactions',
  'billing.meterEventAdjustments',
  'billing.meterEvents',
  'billing.meters',
  'billingPortal.configurations',
  'billingPortal.sessions',
  'charges',
  'checkout.sessions',
  'coupons',
  'creditNotes',
  'customers',
  'disputes',
  'entitlements.activeEntitlements',
  'entitlements.features',
  'events',
  'invoiceItems',
  'invoicePayments',
  'invoices',
  'paymentIntents',
  'paymentMethods',
  'payouts',
  'prices',
  'products',
  'promotionCodes',
  'radar.earlyFraudWarnings',
  'refunds',
  'reviews',
  'setupIntents',
  'subscriptionItems',
  'subscriptionSchedules',
  'subscriptions',
  'taxRates',
  'webhookEndpoints',
];

/** All other payment methods are by far the largest part of the parameters and none of the sandbox's business. */
const OTHER_METHOD_MARK = 'acss_debit';
const PLAYED_METHODS = [
  'card',
  'sepa_debit',
  'us_bank_account',
  'type',
  'billing_details',
  'metadata',
  'allow_redisplay',
];
const METHOD_PARAMS = ['customer', 'payment_method', 'expand'];

interface Probe {
  readonly checker: ts.TypeChecker;
  readonly client: ts.Type;
  readonly event: ts.Type;
}

/** Compiles a two-line module in memory whose exports are the client's and the event's type. */
function openTypes(): Probe {
  const file = path.join(__dirname, 'stripe-types-probe.ts');
  const text = `import Stripe from 'stripe'; export declare const client: Stripe; export declare const event: Stripe.Event;`;
  const options: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ['node'],
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const readFromDisk = host.getSourceFile.bind(host);
  const existsOnDisk = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || existsOnDisk(name);
  host.getSourceFile = (name, language, onError) =>
    name === file ? ts.createSourceFile(name, text, language) : readFromDisk(name, language, onError);
  const program = ts.createProgram([file], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error('the stripe package did not resolve');
  const types = new Map(checker.getExportsOfModule(module).map((s) => [s.name, checker.getTypeOfSymbol(s)]));
  const client = types.get('client');
  const event = types.get('event');
  if (!client || !event) throw new Error('the probe lost its exports');
  return { checker, client, event };
}

/** Turns parameter types into schemas; equal object schemas become one shared definition, whatever their names. */
class ParamConverter {
  readonly defs: Record<string, ParamSchema> = {};
  private readonly nameByContent = new Map<string, string>();
  private readonly uses = new Map<string, number>();

  constructor(private readonly checker: ts.TypeChecker) {}

  /** @param name the property that holds the type: what is a share of a hundred is not an integer. */
  convert(type: ts.Type, name: string): ParamSchema {
    if (isDecimal(type)) return { type: 'string', format: 'decimal' };
    if (type.isUnion()) return this.union(type, name);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { enum: [type.value] };
    const { flags } = type;
    if (flags & ts.TypeFlags.BooleanLiteral) return { enum: [this.checker.typeToString(type) === 'true'] };
    if (flags & ts.TypeFlags.String || isOpenEnum(type)) return { type: 'string' };
    if (flags & ts.TypeFlags.Number) return { type: /percent|multiplier|rate$/.test(name) ? 'number' : 'integer' };
    if (flags & ts.TypeFlags.BigInt) return { type: 'integer' };
    if (flags & ts.TypeFlags.Null) return { enum: [''] };
    if (this.checker.isArrayType(type)) return { type: 'array', items: this.element(type, name) };
    if (flags & ts.TypeFlags.Object) return this.object(type);
    throw new Error(`no schema for ${name}: ${this.checker.typeToString(type)}`);
  }

  /** Definitions used once would only be an indirection; they stand where they are used. */
  inlineSingles(schema: ParamSchema): ParamSchema {
    const copy: { -readonly [K in keyof ParamSchema]: ParamSchema[K] } = { ...schema };
    if (copy.$ref !== undefined) {
      const name = copy.$ref.slice('#/$defs/'.length);
      const target = this.defs[name];
      if (!target || (this.uses.get(name) ?? 0) > 1) return copy;
      Reflect.deleteProperty(this.defs, name);
      return this.inlineSingles(target);
    }
    if (copy.anyOf) copy.anyOf = copy.anyOf.map((part) => this.inlineSingles(part));
    if (copy.items) copy.items = this.inlineSingles(copy.items);
    if (copy.additionalProperties) copy.additionalProperties = this.inlineSingles(copy.additionalProperties);
    if (copy.properties) {
      copy.properties = Object.fromEntries(
        Object.entries(copy.properties).map(([key, value]) => [key, this.inlineSingles(value)]),
      );
    }
    return copy;
  }

  private element(type: ts.Type, name: string): ParamSchema {
    const [item] = this.checker.getTypeArguments(type as ts.TypeReference);
    if (!item) throw new Error(`an array of nothing at ${name}`);
    return this.convert(item, name);
  }

  private object(type: ts.Type): ParamSchema {
    const properties: Record<string, ParamSchema> = {};
    const required: string[] = [];
    const names = this.checker.getPropertiesOfType(type);
    const perMethod = names.some((p) => p.name === OTHER_METHOD_MARK);
    for (const property of names) {
      if (perMethod && ![...PLAYED_METHODS, ...METHOD_PARAMS].includes(property.name)) continue;
      const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      properties[property.name] = this.convert(this.checker.getTypeOfSymbol(property), property.name);
      if (!optional) required.push(property.name);
    }
    const index = this.checker.getIndexInfosOfType(type)[0];
    const schema: ParamSchema = {
      type: 'object',
      ...(names.length > 0 ? { properties: sorted(properties) } : {}),
      ...(required.length > 0 ? { required: required.sort() } : {}),
      additionalProperties: index ? this.convert(index.type, 'value') : false,
    };
    return this.share(type, schema);
  }

  private share(type: ts.Type, schema: ParamSchema): ParamSchema {
    const content = JSON.stringify(schema);
    let name = this.nameByContent.get(content);
    if (name === undefined) {
      const base = type.symbol.name === '__type' ? 'Params' : type.symbol.name;
      name = base;
      for (let n = 2; name in this.defs; n += 1) name = `${base}${n}`;
      this.defs[name] = schema;
      this.nameByContent.set(content, name);
    }
    this.uses.set(name, (this.uses.get(name) ?? 0) + 1);
    return { $ref: `#/$defs/${name}` };
  }

  private union(type: ts.UnionType, name: string): ParamSchema {
    const defined = type.types.filter((part) => !(part.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)));
    // An open enum is open towards later API versions; the pinned one knows exactly these values and refuses others.
    const literal = defined.some((part) => part.isStringLiteral() && part.value !== '');
    const parts = defined.filter((part) => !(literal && isOpenEnum(part)));
    const schemas = parts.map((part) => this.convert(part, name));
    const text = schemas.find((s) => s.type === 'string' && s.format === undefined);
    // On the wire everything is text: a plain string among the alternatives takes all scalars.
    const kept = text ? schemas.filter((s) => s === text || !isScalar(s)) : schemas;
    const literals = kept.flatMap((s) => s.enum ?? []);
    const rest = distinct(kept.filter((s) => s.enum === undefined));
    const both = literals.includes(true) && literals.includes(false);
    const values = [...new Set(both ? literals.filter((v) => typeof v !== 'boolean') : literals)].sort();
    const all: ParamSchema[] = [
      ...(values.length > 0 ? [{ enum: values }] : []),
      ...(both ? [{ type: 'boolean' as const }] : []),
      ...rest,
    ];
    const [only] = all;
    if (!only) throw new Error(`an empty union at ${name}`);
    return all.length === 1 ? only : { anyOf: all };
  }
}

function isDecimal(type: ts.Type): boolean {
  const names = [type.aliasSymbol, type.getSymbol()].map((symbol) => symbol?.name);
  return (
    names.some((n) => n === 'Decimal' || n === 'DecimalImpl') || (type.isIntersection() && type.types.some(isDecimal))
  );
}

/** `string & Record<never, never>`: Stripe's mark for "and whatever comes later". */
function isOpenEnum(type: ts.Type): boolean {
  return type.isIntersection() && type.types.some((part) => (part.flags & ts.TypeFlags.String) !== 0);
}

function isScalar(schema: ParamSchema): boolean {
  return schema.enum !== undefined || ['string', 'integer', 'number', 'boolean'].includes(schema.type ?? '');
}

function distinct(schemas: readonly ParamSchema[]): ParamSchema[] {
  return [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A Stripe client that sends nothing and remembers method and path of its last request. */
class RecordingClient {
  private last: { method: string; path: string } | undefined;
  readonly stripe = new Stripe('sk_test_recording', {
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: {
      getClientName: () => 'recording',
      makeRequest: (_host, _port, requestPath, method) => {
        this.last = { method, path: requestPath };
        return Promise.resolve({
          getStatusCode: () => 200,
          getHeaders: () => ({}),
          getRawResponse: () => ({}),
          toStream: () => ({}),
          toJSON: () => Promise.resolve({}),
        });
      },
    },
  });

  /** Calls `sdk` (e.g. `customers.retrieve`) with the names of its ids in braces for ids. */
  async record(sdk: string, ids: readonly string[]): Promise<{ method: string; path: string } | undefined> {
    this.last = undefined;
    const steps = sdk.split('.');
    const method = steps.pop() ?? '';
    const resource = steps.reduce<unknown>((at, step) => Reflect.get(Object(at), step), this.stripe);
    const call: unknown = Reflect.get(Object(resource), method);
    if (typeof call !== 'function') return undefined;
    await Reflect.apply(
      call,
      resource,
      ids.map((id) => `{${id}}`),
    );
    // Assigned by the client during the call, which the compiler cannot see.
    const seen = this.last as { method: string; path: string } | undefined;
    return seen && { method: seen.method, path: decodeURIComponent(seen.path.split('?')[0] ?? '') };
  }
}

async function deriveRoutes({ checker, client }: Probe, converter: ParamConverter): Promise<RouteSchema[]> {
  const recorder = new RecordingClient();
  const routes: RouteSchema[] = [];
  for (const resource of RESOURCES) {
    const type = resource.split('.').reduce((at, step) => {
      const property = checker.getPropertyOfType(at, step);
      if (!property) throw new Error(`the SDK has no ${resource}`);
      return checker.getTypeOfSymbol(property);
    }, client);
    for (const property of checker.getPropertiesOfType(type)) {
      const [signature] = checker.getTypeOfSymbol(property).getCallSignatures();
      const inherited = property.declarations?.[0]?.getSourceFile().fileName.endsWith('StripeResource.d.ts') ?? true;
      if (!signature || inherited) continue;
      const parameters = signature.getParameters();
      const ids = parameters.map((p) => p.name).filter((name) => name !== 'params' && name !== 'options');
      const sdk = `${resource}.${property.name}`;
      const seen = await recorder.record(sdk, ids);
      if (!seen?.path.startsWith('/v1/')) continue;
      const params = parameters.find((p) => p.name === 'params');
      routes.push({
        method: seen.method as RouteSchema['method'],
        path: seen.path,
        sdk,
        ...(params
          ? { params: converter.convert(checker.getNonNullableType(checker.getTypeOfSymbol(params)), sdk) }
          : {}),
      });
    }
  }
  return routes.sort((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
}

function deriveEvents({ checker, event }: Probe): Record<string, string> {
  const literal = (type: ts.Type, ...trail: string[]): string | undefined => {
    const end = trail.reduce<ts.Type | undefined>((at, step) => {
      const property = at && checker.getPropertyOfType(at, step);
      return property && checker.getTypeOfSymbol(property);
    }, type);
    return end?.isStringLiteral() ? end.value : undefined;
  };
  const events: Record<string, string> = {};
  for (const member of event.isUnion() ? event.types : []) {
    const type = literal(member, 'type');
    const object = literal(member, 'data', 'object', 'object');
    if (type !== undefined && object !== undefined) events[type] = object;
  }
  return sorted(events);
}

/** Derives the schema afresh; takes a few seconds, most of them the compiler's. */
export async function deriveStripeSchema(): Promise<StripeSchema> {
  const probe = openTypes();
  const converter = new ParamConverter(probe.checker);
  const routes = await deriveRoutes(probe, converter);
  const inlined = routes.map((route) =>
    route.params ? { ...route, params: converter.inlineSingles(route.params) } : route,
  );
  for (const name of Object.keys(converter.defs)) {
    const def = converter.defs[name];
    if (def) converter.defs[name] = converter.inlineSingles(def);
  }
  return {
    apiVersion: Stripe.API_VERSION,
    sdkVersion: Stripe.PACKAGE_VERSION,
    events: deriveEvents(probe),
    routes: inlined,
    $defs: sorted(converter.defs),
  };
}

/** The file's exact content for a schema. */
export function render(schema: StripeSchema): string {
  return `${JSON.stringify(schema)}\n`;
}

if (require.main === module) {
  void deriveStripeSchema().then((schema) => {
    const text = render(schema);
    writeFileSync(SCHEMA_FILE, text);
    console.log(
      `${schema.routes.length} routes, ${Object.keys(schema.$defs).length} definitions, ${text.length} bytes`,
    );
  });
}
