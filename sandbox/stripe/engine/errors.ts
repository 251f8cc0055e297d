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

/** @throws parameter_missing when the value is absent or empty. */
export function required<T>(value: T | null | undefined | '', param: string): T {
  if (value === undefined || value === null || value === '') throw parameterMissing(param);
  return value;
}
