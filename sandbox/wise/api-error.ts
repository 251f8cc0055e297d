/** One thing that is wrong with a request, as Wise writes it. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly path?: string;
  readonly arguments?: readonly string[];
}

/** An error as Wise's API answers it. */
export class WiseApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: object,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`Wise answers ${status}`);
  }
}

export function problems(status: number, ...list: readonly Problem[]): WiseApiError {
  return new WiseApiError(status, { errors: list.map((one) => ({ arguments: [], ...one })) });
}

/** 422: well-formed, and yet not possible. */
export function refused(code: string, message: string, path?: string): WiseApiError {
  return problems(422, { code, message, ...(path !== undefined && { path }) });
}

export function notFound(message: string): WiseApiError {
  return problems(404, { code: 'NOT_FOUND', message });
}

export function unauthorized(): WiseApiError {
  return new WiseApiError(401, { error: 'invalid_token', error_description: 'Invalid token' });
}

/** Another's profile, or what only a person may do. */
export function forbidden(timestamp: string, headers: Readonly<Record<string, string>> = {}): WiseApiError {
  const body = { error: 'unauthorized', message: 'Unauthorized', path: null, status: 403, timestamp };
  return new WiseApiError(403, body, headers);
}
