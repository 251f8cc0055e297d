import { APIError, APIException } from '@apple/app-store-server-library';
import { AppError, provider, unavailable, validation } from '../../shared/app-error';

/** Apple said 429; it names the moment, in milliseconds of real time, at which it may be asked again. */
export class AppleRateLimited extends Error {
  constructor(readonly retryAt: number | null) {
    super('Apple asks us to slow down');
  }

  /** Whole seconds from now on; five where Apple does not say. */
  secondsFrom(wallMs: number): number {
    return this.retryAt === null ? 5 : Math.min(3600, Math.max(0, Math.ceil((this.retryAt - wallMs) / 1000)));
  }
}

/** Nobody has such a transaction, in this environment. */
const NOT_FOUND: ReadonlySet<number> = new Set([
  APIError.ACCOUNT_NOT_FOUND,
  APIError.ORIGINAL_TRANSACTION_ID_NOT_FOUND,
  APIError.TRANSACTION_ID_NOT_FOUND,
  APIError.INVALID_TRANSACTION_ID,
  APIError.INVALID_ORIGINAL_TRANSACTION_ID,
]);

/** Ends of 5000001, 4040002, 4040004 and 4040006: Apple itself says to try again. */
const TRY_AGAIN: ReadonlySet<number> = new Set([
  APIError.GENERAL_INTERNAL_RETRYABLE,
  APIError.ACCOUNT_NOT_FOUND_RETRYABLE,
  APIError.APP_NOT_FOUND_RETRYABLE,
  APIError.ORIGINAL_TRANSACTION_ID_NOT_FOUND_RETRYABLE,
]);

export function isNotFound(error: unknown): boolean {
  return error instanceof APIException && typeof error.apiError === 'number' && NOT_FOUND.has(error.apiError);
}

/** Whether it may well work in a moment: Apple's own failures, and what never reached it. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AppError || error instanceof AppleRateLimited) return false;
  if (!(error instanceof APIException)) return true;
  return error.httpStatusCode >= 500 || (typeof error.apiError === 'number' && TRY_AGAIN.has(error.apiError));
}

/** Apple's errors in our vocabulary. */
export function toAppError(error: unknown, wallMs: number): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof AppleRateLimited) {
    const seconds = error.secondsFrom(wallMs);
    return unavailable('PROVIDER_BUSY', 'Apple asks us to slow down; try again shortly', seconds, error);
  }
  if (isNotFound(error)) {
    const message = 'Apple has no such transaction';
    return new AppError({ kind: 'not_found', code: 'PROVIDER_OBJECT_NOT_FOUND', message, cause: error });
  }
  if (!(error instanceof APIException)) return provider('PROVIDER_ERROR', 'Apple could not be reached', {}, error);
  if (error.httpStatusCode === 401) {
    return provider('PROVIDER_ERROR', "Apple does not accept this service's key", {}, error);
  }
  if (isOutage(error)) return provider('PROVIDER_ERROR', 'Apple failed to answer', {}, error);
  const details = { appleCode: error.apiError ?? null };
  const message = 'Apple refused the request';
  return new AppError({ kind: 'business', code: 'PROVIDER_REFUSED', message, details, cause: error });
}

export const appleNotConfigured = (): AppError =>
  unavailable('PROVIDER_NOT_CONFIGURED', "Apple's App Store Server API is not configured on this installation");

/** The signature, its certificates, or what it is about is not what we accept. */
export const invalidSignature = (cause?: unknown): AppError =>
  new AppError({
    ...{ kind: 'validation', code: 'INVALID_SIGNATURE', cause },
    message: "It is not signed by Apple for this app, or is of an environment that doesn't count here",
  });

/** OCSP did not answer: nothing is known against the certificate, and nothing for it. */
export const verificationUnavailable = (cause: unknown): AppError =>
  unavailable('PROVIDER_UNAVAILABLE', "Apple's certificates cannot be checked at the moment", 30, cause);

export const noTransaction = (): AppError => validation('SCHEMA_VALIDATION', 'Apple answered without a transaction');
