import { HttpException } from '@nestjs/common';
import { httpStatusOf, isAppError } from '../../../shared/app-error';
import { isContention, isDatabaseUnavailable } from '../../database/database-errors';

/** The body of every answer that is not a success (api.md, "General"). */
export interface ErrorEnvelope {
  readonly success: false;
  readonly error: {
    /** UPPER_SNAKE. */
    readonly code: string;
    readonly message: string;
    readonly details: Record<string, unknown>;
    readonly requestId: string;
  };
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorEnvelope;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Description {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
  readonly retryAfterSeconds?: number | undefined;
}

/** What the framework refuses itself, by status; its own texts name internals, so ours replace them. */
const BY_STATUS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['INVALID_INPUT', 'The request is not valid'],
  401: ['INVALID_TOKEN', 'A valid token is needed'],
  403: ['INSUFFICIENT_PERMISSIONS', 'You may not do this'],
  404: ['NOT_FOUND', 'There is nothing at this address'],
  405: ['METHOD_NOT_ALLOWED', 'This address does not answer to this method'],
  408: ['REQUEST_TIMEOUT', 'The request took too long to arrive'],
  409: ['CONFLICT', 'The request contradicts the present state'],
  413: ['BODY_TOO_LARGE', 'The request body is too large'],
  414: ['URI_TOO_LONG', 'The address is too long'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'The body must be sent as application/json'],
  422: ['UNPROCESSABLE', 'The request cannot be carried out'],
  429: ['RATE_LIMITED', 'Too many requests'],
  431: ['HEADERS_TOO_LARGE', 'The request headers are too large'],
  503: ['UNAVAILABLE', 'The service is not available at the moment'],
};
const UNEXPECTED: Description = { status: 500, code: 'UNEXPECTED', message: 'Something went wrong on our side' };

/** Errors Fastify finds while reading a body, by its code: which part of the request was wrong, and how. */
const BODY_PROBLEMS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'is not valid JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'is empty although the content type is application/json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'is not as long as Content-Length says',
};

/** Pure: what a caller is told about `error`. Nothing of an unknown error reaches the caller but the request's id. */
export function errorAnswerOf(error: unknown, requestId: string): ErrorAnswer {
  const description = describe(error);
  const headers: Record<string, string> = {};
  if (description.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(description.retryAfterSeconds)));
  }
  if (description.status === 401) headers['www-authenticate'] = 'Bearer';
  return {
    status: description.status,
    headers,
    body: envelope(description.code, description.message, requestId, description.details),
  };
}

export function envelope(
  code: string,
  message: string,
  requestId: string,
  details: Record<string, unknown> = {},
): ErrorEnvelope {
  return { success: false, error: { code, message, details, requestId } };
}

function describe(error: unknown): Description {
  if (isAppError(error)) {
    const { code, message, details, retryAfterSeconds } = error;
    return { status: httpStatusOf(error.kind), code, message, details, retryAfterSeconds };
  }
  if (isDatabaseUnavailable(error) || isContention(error)) {
    return {
      status: 503,
      code: 'DATABASE_UNAVAILABLE',
      message: 'The database is not available at the moment',
      retryAfterSeconds: 1,
    };
  }
  if (error instanceof HttpException) return byStatus(error.getStatus(), 'request', error.message);
  const { statusCode, code } = frameworkError(error);
  const problem = BODY_PROBLEMS[code];
  return problem === undefined ? byStatus(statusCode) : byStatus(400, 'body', problem);
}

function byStatus(status: number, field?: string, problem?: string): Description {
  const known = BY_STATUS[status];
  if (!known)
    return status >= 400 && status < 500
      ? { status, code: 'REQUEST_REFUSED', message: 'The request was refused' }
      : UNEXPECTED;
  const [code, message] = known;
  // INVALID_INPUT always says which part was wrong, so that callers may rely on details.fields.
  if (status !== 400) return { status, code, message };
  return { status, code, message, details: { fields: field === undefined ? [] : [{ field, message: problem }] } };
}

/** Fastify's errors and those of its plugins carry `statusCode` and a code; anything else counts as unknown. */
function frameworkError(error: unknown): { statusCode: number; code: string } {
  if (!(error instanceof Error)) return { statusCode: 500, code: '' };
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  return {
    statusCode: typeof statusCode === 'number' ? statusCode : 500,
    code: typeof code === 'string' ? code : '',
  };
}
