import {
  AppError,
  AppErrorKind,
  authentication,
  authorization,
  business,
  conflict,
  httpStatusOf,
  isAppError,
  notFound,
  provider,
  rateLimited,
  unavailable,
  unexpected,
  validation,
} from './app-error';

describe('AppError', () => {
  const table: [AppError, AppErrorKind, number][] = [
    [validation('INVALID_INPUT', 'm'), 'validation', 400],
    [authentication('INVALID_TOKEN', 'm'), 'authentication', 401],
    [authorization('INSUFFICIENT_PERMISSIONS', 'm'), 'authorization', 403],
    [notFound('SUBSCRIPTION_NOT_FOUND', 'm'), 'not_found', 404],
    [conflict('IDEMPOTENCY_KEY_REUSED', 'm'), 'conflict', 409],
    [business('PAYMENT_FAILED', 'm'), 'business', 422],
    [rateLimited('m', 3), 'rate_limit', 429],
    [unexpected('UNEXPECTED', 'm'), 'unexpected', 500],
    [provider('PROVIDER_ERROR', 'm'), 'provider', 502],
    [unavailable('DATABASE_UNAVAILABLE', 'm'), 'unavailable', 503],
  ];

  it.each(table)('%s has kind %s and status %i', (error, kind, status) => {
    expect(error.kind).toBe(kind);
    expect(httpStatusOf(error.kind)).toBe(status);
    expect(error.code).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(error.details).toEqual({});
    expect(isAppError(error)).toBe(true);
    expect(error).toBeInstanceOf(Error);
  });

  it('keeps details, the wait and the cause', () => {
    const cause = new Error('socket hang up');
    expect(notFound('X', 'm', { subscriptionId: 'sub_x' }).details).toEqual({ subscriptionId: 'sub_x' });
    expect(rateLimited('m', 7).retryAfterSeconds).toBe(7);
    expect(unavailable('X', 'm', 2, cause)).toMatchObject({ retryAfterSeconds: 2, cause });
    expect(provider('X', 'm', {}, cause).cause).toBe(cause);
  });

  it('tells other errors apart', () => {
    expect(isAppError(new Error('x'))).toBe(false);
    expect(isAppError({ kind: 'validation' })).toBe(false);
  });
});
