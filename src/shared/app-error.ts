/** What went wrong, in the words every module shares; api.md fixes the HTTP status of each. */
export type AppErrorKind =
  | 'validation'
  | 'authentication'
  | 'authorization'
  | 'not_found'
  | 'conflict'
  | 'business'
  | 'rate_limit'
  | 'unexpected'
  | 'provider'
  | 'unavailable';

/** HTTP status of each kind (api.md, "General"). A body over the limit (413) is refused before any kind exists. */
const HTTP_STATUS = {
  validation: 400,
  authentication: 401,
  authorization: 403,
  not_found: 404,
  conflict: 409,
  business: 422,
  rate_limit: 429,
  unexpected: 500,
  provider: 502,
  unavailable: 503,
} as const satisfies Record<AppErrorKind, number>;

export type AppErrorStatus = (typeof HTTP_STATUS)[AppErrorKind];

/** Pure: the status the one error filter answers with. */
export function httpStatusOf(kind: AppErrorKind): AppErrorStatus {
  return HTTP_STATUS[kind];
}

export interface AppErrorInit {
  kind: AppErrorKind;
  /** UPPER_SNAKE; callers branch on it, so it never changes once published. */
  code: string;
  /** One sentence a caller may read; no secrets, no personal data. */
  message: string;
  /** JSON-safe facts about the failure, shown to the caller as `error.details`. */
  details?: Record<string, unknown>;
  /** Seconds; becomes the Retry-After header. */
  retryAfterSeconds?: number;
  /** The underlying error, for the log only. */
  cause?: unknown;
}

/** The only error a service throws on purpose; anything else is a bug and answers UNEXPECTED. */
export class AppError extends Error {
  readonly kind: AppErrorKind;
  readonly code: string;
  readonly details: Record<string, unknown>;
  readonly retryAfterSeconds: number | undefined;

  constructor(init: AppErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'AppError';
    this.kind = init.kind;
    this.code = init.code;
    this.details = init.details ?? {};
    this.retryAfterSeconds = init.retryAfterSeconds;
  }
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError;
}

type Details = Record<string, unknown>;

/** 400: the input itself is wrong; sending it again cannot help. */
export function validation(code: string, message: string, details?: Details): AppError {
  return new AppError({ kind: 'validation', code, message, details });
}

/** 401: we do not know who is calling. */
export function authentication(code: string, message: string, details?: Details): AppError {
  return new AppError({ kind: 'authentication', code, message, details });
}

/** 403: we know who is calling and they may not. */
export function authorization(code: string, message: string, details?: Details): AppError {
  return new AppError({ kind: 'authorization', code, message, details });
}

/** 404: also for what exists but belongs to somebody else, so that existence does not leak. */
export function notFound(code: string, message: string, details?: Details): AppError {
  return new AppError({ kind: 'not_found', code, message, details });
}

/** 409: the request contradicts what is already there. */
export function conflict(code: string, message: string, details?: Details): AppError {
  return new AppError({ kind: 'conflict', code, message, details });
}

/** 422: well formed, but a business rule refuses it. */
export function business(code: string, message: string, details?: Details): AppError {
  return new AppError({ kind: 'business', code, message, details });
}

/** 429 with Retry-After. */
export function rateLimited(message: string, retryAfterSeconds: number, details?: Details): AppError {
  return new AppError({ kind: 'rate_limit', code: 'RATE_LIMITED', message, details, retryAfterSeconds });
}

/** 502: a provider refused or failed; `cause` keeps its error for the log. */
export function provider(code: string, message: string, details?: Details, cause?: unknown): AppError {
  return new AppError({ kind: 'provider', code, message, details, cause });
}

/** 503: something of ours is away for the moment; trying again later is right. */
export function unavailable(code: string, message: string, retryAfterSeconds?: number, cause?: unknown): AppError {
  return new AppError({ kind: 'unavailable', code, message, retryAfterSeconds, cause });
}

/** 500: a broken invariant of ours, named so that it can be found in the log. */
export function unexpected(code: string, message: string, details?: Details, cause?: unknown): AppError {
  return new AppError({ kind: 'unexpected', code, message, details, cause });
}
