import { AppError, provider, unavailable, validation } from '../../shared/app-error';

/** What the SDK's transport throws, as far as it is used: there are two versions of it in the house. */
interface HttpFailure {
  response?: { status: number; headers?: Headers; data?: unknown };
}

/** Beyond it nobody is kept waiting. */
const MAX_WAIT_SECONDS = 3600;
/** Where Google says that it is too much, and not when to come back. */
const DEFAULT_WAIT_SECONDS = 5;
const TOO_MUCH = /rateLimitExceeded|userRateLimitExceeded|quotaExceeded/;

/** HTTP status of an answer; null where there was none. */
export function statusOf(error: unknown): number | null {
  return (error as HttpFailure | null)?.response?.status ?? null;
}

/** Google says it with 429, and with 403 and a reason. */
export function isRateLimit(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== 403) return status === 429;
  return TOO_MUCH.test(JSON.stringify((error as HttpFailure).response?.data ?? ''));
}

/** Whole seconds until it may be asked again; 0 for what is no rate limit. */
export function waitSeconds(error: unknown): number {
  if (!isRateLimit(error)) return 0;
  const said = Number((error as HttpFailure).response?.headers?.get('retry-after') ?? NaN);
  return Number.isFinite(said) ? Math.min(MAX_WAIT_SECONDS, Math.max(0, Math.ceil(said))) : DEFAULT_WAIT_SECONDS;
}

/** Whether it may well work in a moment: Google's own failures, and what never reached it. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AppError) return false;
  const status = statusOf(error);
  return status === null || status >= 500;
}

/** Google's errors in our vocabulary. @param gone statuses by which it says that there is no such purchase. */
export function toAppError(error: unknown, gone: readonly number[]): AppError {
  if (error instanceof AppError) return error;
  if (isRateLimit(error)) {
    const message = 'Google asks us to slow down; try again shortly';
    return unavailable('PROVIDER_BUSY', message, waitSeconds(error), error);
  }
  const status = statusOf(error);
  if (status === null) return provider('PROVIDER_ERROR', 'Google could not be reached', {}, error);
  if (gone.includes(status)) {
    const message = 'Google Play has no such purchase of this app';
    return new AppError({ kind: 'not_found', code: 'PROVIDER_OBJECT_NOT_FOUND', message, cause: error });
  }
  if (status === 401 || status === 403) {
    return provider('PROVIDER_ERROR', "Google does not let this service's account do this", {}, error);
  }
  // 409: somebody else is just changing it.
  if (status >= 500 || status === 409) return provider('PROVIDER_ERROR', 'Google failed to answer', {}, error);
  const details = { googleStatus: status };
  const message = 'Google refused the request';
  return new AppError({ kind: 'business', code: 'PROVIDER_REFUSED', message, details, cause: error });
}

export const googleNotConfigured = (): AppError =>
  unavailable('PROVIDER_NOT_CONFIGURED', 'Google Play is not configured on this installation');

/** The bearer is not a token of Google's for our endpoint, by the account that pushes to it. */
export const invalidPush = (cause?: unknown): AppError =>
  new AppError({
    ...{ kind: 'authentication', code: 'INVALID_SIGNATURE', cause },
    message: 'It is not pushed by the Google account that is configured',
  });

export const certsUnavailable = (cause: unknown): AppError =>
  unavailable('PROVIDER_UNAVAILABLE', "Google's certificates cannot be read at the moment", 10, cause);

/** A body that no push has. */
export const noPush = (what: string): AppError =>
  validation('INVALID_INPUT', `The body is no Pub/Sub message about Google Play: ${what}`);

/** Google answered with something that its documentation does not have. */
export const unreadable = (what: string, details: Record<string, unknown> = {}): AppError =>
  validation('SCHEMA_VALIDATION', `Google's ${what} cannot be read`, details);
