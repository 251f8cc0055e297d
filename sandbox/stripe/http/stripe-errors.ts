import { StripeSandboxError } from '../contract';

/** Stripe's answers to a request that never reached an endpoint's own rules; texts as its API writes them. */
export function invalidRequest(message: string, param?: string, code?: string): StripeSandboxError {
  return new StripeSandboxError(400, {
    type: 'invalid_request_error',
    message,
    ...(code === undefined ? {} : { code }),
    ...(param === undefined ? {} : { param }),
  });
}

export function unknownParameters(names: readonly string[]): StripeSandboxError {
  const plural = names.length > 1 ? 's' : '';
  return invalidRequest(`Received unknown parameter${plural}: ${names.join(', ')}`, names[0], 'parameter_unknown');
}

export function missingParameter(name: string): StripeSandboxError {
  return invalidRequest(`Missing required param: ${name}.`, name, 'parameter_missing');
}

export function emptyParameter(name: string): StripeSandboxError {
  return invalidRequest(
    `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however ` +
      `'${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
    name,
    'parameter_invalid_empty',
  );
}

export function unrecognizedUrl(method: string, path: string): StripeSandboxError {
  return new StripeSandboxError(404, {
    type: 'invalid_request_error',
    message:
      `Unrecognized request URL (${method}: ${path}). Please see https://stripe.com/docs or we can help at ` +
      'https://support.stripe.com/.',
  });
}

export function unauthorized(message: string): StripeSandboxError {
  return new StripeSandboxError(401, { type: 'invalid_request_error', message });
}

export function rateLimited(): StripeSandboxError {
  return new StripeSandboxError(429, {
    type: 'invalid_request_error',
    code: 'rate_limit',
    message: 'Too many requests hit the API too quickly. We recommend an exponential backoff of your requests.',
  });
}

export function internalError(): StripeSandboxError {
  return new StripeSandboxError(500, {
    type: 'api_error',
    message: 'An unknown error occurred. (The sandbox was asked to fail this request.)',
  });
}

export function renderError(error: StripeSandboxError['error']): { error: object } {
  const page = error.code?.replaceAll('_', '-');
  const docs = page === undefined ? {} : { doc_url: `https://stripe.com/docs/error-codes/${page}` };
  return { error: { ...error, ...docs } };
}
