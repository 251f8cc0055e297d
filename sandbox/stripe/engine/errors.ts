/** Stripe's errors by their usual names; messages as the real API words them. */
import { StripeSandboxError } from '../contract';
import type { WireType } from './wire';

const nouns: Partial<Record<WireType, string>> = {
  payment_method: 'PaymentMethod',
  setup_intent: 'setupintent',
};

/** 404 `resource_missing`. `param` is where the id stood in the request. */
export function resourceMissing(type: WireType, id: string, param = 'id'): StripeSandboxError {
  return new StripeSandboxError(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${nouns[type] ?? type}: '${id}'`,
    param,
  });
}

/** 400 `parameter_missing`. */
export function parameterMissing(param: string): StripeSandboxError {
  return new StripeSandboxError(400, {
    type: 'invalid_request_error',
    code: 'parameter_missing',
    message: `Missing required param: ${param}.`,
    param,
  });
}

/** 400 with a message of its own. */
export function invalidRequest(message: string, param?: string, code?: string): StripeSandboxError {
  return new StripeSandboxError(400, {
    type: 'invalid_request_error',
    message,
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param }),
  });
}

/**
 * A whole number within bounds.
 *
 * @throws 400 `parameter_invalid_integer`
 */
export function integer(value: number, param: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value)) {
    throw invalidRequest(`Invalid integer: ${value}`, param, 'parameter_invalid_integer');
  }
  if (value < least) {
    throw invalidRequest(`This value must be greater than or equal to ${least}.`, param, 'parameter_invalid_integer');
  }
  if (value > most) {
    throw invalidRequest(`This value must be less than or equal to ${most}.`, param, 'parameter_invalid_integer');
  }
  return value;
}

/** @throws 400 `url_invalid` */
export function url(value: string, param: string): string {
  const plain = value.replaceAll('{CHECKOUT_SESSION_ID}', 'id');
  if (!/^https?:/i.test(plain) || !URL.canParse(plain)) {
    throw invalidRequest('Not a valid URL', param, 'url_invalid');
  }
  return value;
}

/** @throws parameter_missing when the value is absent or empty. */
export function required<T>(value: T | null | undefined | '', param: string): T {
  if (value === undefined || value === null || value === '') throw parameterMissing(param);
  return value;
}

/** Better refused than silently ignored. @throws 400 for a parameter of the list that is given */
export function refuseUnsupported(params: object, names: readonly string[]): void {
  const name = names.find((candidate) => Object.hasOwn(params, candidate));
  if (name !== undefined) throw invalidRequest(`This sandbox does not support the parameter ${name}.`, name);
}
