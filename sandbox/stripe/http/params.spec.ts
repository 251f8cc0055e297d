import Ajv from 'ajv';
import fc from 'fast-check';
import { type ParamSchema, stripeSchema } from '../schema/derived-schema';
import { StripeSandboxError } from '../contract';
import { decodeForm } from './form';
import { coerceParams, type DecodedParams } from './params';

function schemaOf(sdk: string): ParamSchema | undefined {
  const route = stripeSchema.routes.find((r) => r.sdk === sdk);
  if (!route) throw new Error(`no route ${sdk}`);
  return route.params;
}

const decode = (sdk: string, form: string): DecodedParams => coerceParams(schemaOf(sdk), decodeForm(form));

function refusal(sdk: string, form: string): StripeSandboxError['error'] & { status: number } {
  try {
    decode(sdk, form);
  } catch (error) {
    if (error instanceof StripeSandboxError) return { ...error.error, status: error.status };
    throw error;
  }
  throw new Error('it was accepted');
}

describe('coerceParams', () => {
  it('gives text the types of the SDK', () => {
    const form =
      'customer=cus_1&items[0][price]=price_1&items[0][quantity]=2&cancel_at_period_end=true&trial_end=now' +
      '&application_fee_percent=2.5&metadata[n]=1&expand[0]=latest_invoice.confirmation_secret&expand[1]=customer';
    expect(decode('subscriptions.create', form)).toEqual({
      params: {
        customer: 'cus_1',
        items: [{ price: 'price_1', quantity: 2 }],
        cancel_at_period_end: true,
        trial_end: 'now',
        application_fee_percent: 2.5,
        metadata: { n: '1' },
      },
      expand: ['latest_invoice.confirmation_secret', 'customer'],
    });
  });

  it('takes each form of a union', () => {
    expect(decode('customers.list', 'created=5').params).toEqual({ created: 5 });
    expect(decode('customers.list', 'created[gte]=5').params).toEqual({ created: { gte: 5 } });
    expect(decode('subscriptions.create', 'trial_end=1700000000').params).toEqual({ trial_end: 1_700_000_000 });
    expect(decode('subscriptions.update', 'metadata=').params).toEqual({ metadata: '' });
  });

  it('orders array elements by their index', () => {
    expect(decode('events.list', 'types[1]=b&types[0]=a').params).toEqual({ types: ['a', 'b'] });
  });

  it.each([
    ['customers.create', 'foo=1', 'parameter_unknown', 'foo', 'Received unknown parameter: foo'],
    ['customers.create', 'a=1&b=2', 'parameter_unknown', 'a', 'Received unknown parameters: a, b'],
    ['subscriptions.create', 'items[0][x]=1', 'parameter_unknown', 'items[0][x]', 'unknown parameter: items[0][x]'],
    ['customers.create', '__proto__=1', 'parameter_unknown', '__proto__', 'unknown parameter'],
    ['prices.create', 'unit_amount=5', 'parameter_missing', 'currency', 'Missing required param: currency.'],
    ['prices.create', 'currency=', 'parameter_invalid_empty', 'currency', 'You passed an empty string'],
    [
      'prices.create',
      'currency=usd&unit_amount=1.5',
      'parameter_invalid_integer',
      'unit_amount',
      'Invalid integer: 1.5',
    ],
    ['customers.list', 'limit=ten', 'parameter_invalid_integer', 'limit', 'Invalid integer: ten'],
    ['customers.list', 'limit=99999999999999999999', 'parameter_invalid_integer', 'limit', 'Invalid integer'],
    ['subscriptions.update', 'cancel_at_period_end=yes', undefined, 'cancel_at_period_end', 'Invalid boolean: yes'],
    ['subscriptions.create', 'items=x', undefined, 'items', 'Invalid array'],
    ['customers.create', 'address=x', undefined, 'address', 'Invalid object'],
    ['customers.create', 'email[a]=x', undefined, 'email', 'Invalid string'],
    [
      'subscriptions.create',
      'payment_behavior=maybe',
      undefined,
      'payment_behavior',
      'Invalid payment_behavior: must be one of allow_incomplete, default_incomplete, error_if_incomplete, or',
    ],
  ])('%s refuses %s', (sdk, form, code, param, message) => {
    const error = refusal(sdk, form);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param });
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('lets nothing through that a JSON Schema validator would refuse', () => {
    const ajv = new Ajv({ strict: false, formats: { decimal: true } });
    const value = fc.oneof(fc.constantFrom('', '1', 'true', 'now', 'card', '1.5', 'x'), fc.string());
    const routes = stripeSchema.routes.filter((route) => route.params);
    const pair = fc.tuple(fc.nat(), fc.constantFrom('', '[0]', '[a]', '[0][price]', '[]'), value);
    fc.assert(
      fc.property(fc.constantFrom(...routes), fc.array(pair, { maxLength: 4 }), (route, pairs) => {
        const names = Object.keys(route.params?.properties ?? {});
        const form = pairs.map(([n, tail, v]) => `${names[n % names.length] ?? 'x'}${tail}=${encodeURIComponent(v)}`);
        let decoded: DecodedParams;
        try {
          decoded = coerceParams(route.params, decodeForm(form.join('&')));
        } catch (error) {
          expect(error).toBeInstanceOf(StripeSandboxError);
          return;
        }
        const validate = ajv.compile({ ...route.params, $defs: stripeSchema.$defs });
        validate(decoded.params);
        expect(validate.errors).toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});
