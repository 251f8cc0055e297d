import { AppError, provider, unavailable, validation } from '../../shared/app-error';

/** A field of ours that Wise does not accept. */
export interface RefusedField {
  field: string;
  message: string;
}

/** Beyond it nobody is kept waiting. */
const MAX_WAIT_SECONDS = 3600;
/** Where Wise says that it is too much, and not when to come back. */
const DEFAULT_WAIT_SECONDS = 5;
const MAX_CODES = 10;

/** A request that got no answer, or one that is no success. What Wise wrote may quote bank details: it is kept out of logs. */
export class WiseFailure extends Error {
  /** Null where there was no answer. */
  readonly status: number | null;
  /** Whether the same request again does no more than one does. */
  readonly repeatable: boolean;
  /** What Wise calls it: `transfer.cancellation.not.allowed`. */
  readonly codes: readonly string[];
  /** It wants its user to approve it (a person, with a second factor). */
  readonly wantsApproval: boolean;
  readonly #headers: Headers | null;
  readonly #body: unknown;

  constructor(init: { repeatable: boolean; cause?: unknown; status?: number; headers?: Headers; body?: unknown }) {
    const { status = null, headers = null, body = null, repeatable, cause } = init;
    super(status === null ? 'Wise could not be reached' : `Wise answered with ${status}`, { cause });
    this.name = 'WiseFailure';
    this.status = status;
    this.repeatable = repeatable;
    this.#headers = headers;
    this.#body = body;
    this.codes = problemsIn(body).flatMap(({ code }) => (isCode(code) ? [code] : []));
    this.wantsApproval = status === 403 && headers?.has('x-2fa-approval') === true;
  }

  get retryAfter(): string | null {
    return this.#headers?.get('retry-after') ?? null;
  }

  /** The answer's Date header. */
  get date(): string | null {
    return this.#headers?.get('date') ?? null;
  }

  /** Whether its codes or its text say so. */
  says(pattern: RegExp): boolean {
    return problemsIn(this.#body).some(({ code, message }) => pattern.test(`${String(code)} ${String(message)}`));
  }

  /** @param sent values of ours that Wise may quote in its text. */
  fields(sent: readonly string[]): RefusedField[] {
    return problemsIn(this.#body).flatMap(({ path, message, arguments: quoted }) => {
      if (typeof path !== 'string') return [];
      const texts = Array.isArray(quoted) ? quoted.filter((text): text is string => typeof text === 'string') : [];
      const secret = [...sent, ...texts].filter((text) => text !== '' && text !== path);
      const told = typeof message === 'string' ? message.slice(0, 500) : 'is not accepted';
      return [
        { field: path.slice(0, 100), message: secret.reduce((text, word) => text.replaceAll(word, '***'), told) },
      ];
    });
  }
}

interface Problem {
  code?: unknown;
  message?: unknown;
  path?: unknown;
  arguments?: unknown;
}

/** Wise writes `{errors: [{code, message, path, arguments}]}`, `{code, message}` and `{error, error_description}`. */
function problemsIn(body: unknown): Problem[] {
  if (typeof body !== 'object' || body === null) return [];
  const { errors, error, error_description: description, ...own } = body as Record<string, unknown>;
  const list = Array.isArray(errors) ? errors.slice(0, MAX_CODES) : [];
  const several = list.filter((one): one is Problem => typeof one === 'object' && one !== null);
  return [...several, own, { code: error, message: description }];
}

function isCode(code: unknown): code is string {
  return typeof code === 'string' && /^[\w.-]{1,100}$/.test(code);
}

export function isRateLimit(error: unknown): boolean {
  return error instanceof WiseFailure && error.status === 429;
}

/** Whole seconds until it may be asked again; 0 for what is no rate limit. */
export function waitSeconds(error: unknown): number {
  if (!(error instanceof WiseFailure) || error.status !== 429) return 0;
  const said = Number(error.retryAfter ?? NaN);
  return Number.isFinite(said) ? Math.min(MAX_WAIT_SECONDS, Math.max(0, Math.ceil(said))) : DEFAULT_WAIT_SECONDS;
}

/** Whether it may well work in a moment: Wise's own failures, and what never reached it. */
export function isOutage(error: unknown): boolean {
  return error instanceof WiseFailure && (error.status === null || error.status === 408 || error.status >= 500);
}

/**
 * Wise's errors in our vocabulary. `not_found`, `conflict` and `business` are Wise's word that it has done nothing; after `provider`
 * and `unavailable` it may have.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof WiseFailure)) return provider('PROVIDER_ERROR', 'Wise could not be asked', {}, error);
  const { status } = error;
  if (status === 429) {
    const message = 'Wise asks us to slow down; try again shortly';
    return unavailable('PROVIDER_BUSY', message, waitSeconds(error), error);
  }
  if (status === null) return provider('PROVIDER_ERROR', 'Wise could not be reached', {}, error);
  if (isOutage(error)) return provider('PROVIDER_ERROR', 'Wise failed to answer', {}, error);
  if (error.wantsApproval) return approvalWanted(error);
  if (status === 401 || status === 403) {
    return provider('PROVIDER_ERROR', "Wise does not let this service's token do this", {}, error);
  }
  const details = { wiseStatus: status, wiseCodes: error.codes };
  const of = REFUSALS[status] ?? { kind: 'business', code: 'PROVIDER_REFUSED', message: 'Wise refused the request' };
  return new AppError({ ...of, details, cause: error });
}

const REFUSALS: Readonly<Record<number, { kind: 'not_found' | 'conflict'; code: string; message: string }>> = {
  404: { kind: 'not_found', code: 'PROVIDER_OBJECT_NOT_FOUND', message: 'Wise has no such object' },
  409: { kind: 'conflict', code: 'PROVIDER_CONFLICT', message: 'Wise refused the request as things stand there' },
};

export const wiseNotConfigured = (): AppError =>
  unavailable('PROVIDER_NOT_CONFIGURED', 'Wise is not configured on this installation');

/** A person has to do it in Wise's own pages, or approve it there. */
export const approvalWanted = (cause: unknown): AppError => {
  const message = 'Wise wants this to be approved by a person, in its own pages';
  return new AppError({ kind: 'business', code: 'PROVIDER_APPROVAL_REQUIRED', message, cause });
};

/** Wise answered with something that its documentation does not have. */
export const unreadable = (what: string, details: Record<string, unknown> = {}): AppError =>
  validation('SCHEMA_VALIDATION', `Wise's ${what} cannot be read`, details);

/** The same of the answer to what we have asked it to do: it may have done it. */
export const unreadableAnswer = (cause: AppError): AppError =>
  provider('PROVIDER_UNREADABLE', 'Wise answered with something that cannot be read', cause.details, cause);

export const noSuchObject = (what: string): AppError =>
  new AppError({ kind: 'not_found', code: 'PROVIDER_OBJECT_NOT_FOUND', message: `Wise has no such ${what}` });

export const unsupportedCorridor = (details: Record<string, unknown>, cause?: unknown): AppError => {
  const message = 'Wise does not pay from this balance into that currency';
  return new AppError({ kind: 'business', code: 'UNSUPPORTED_CORRIDOR', message, details, cause });
};

export const amountOutOfRange = (details: Record<string, unknown>, cause?: unknown): AppError => {
  const message = 'The amount is less or more than Wise pays out this way';
  return new AppError({ kind: 'business', code: 'AMOUNT_OUT_OF_RANGE', message, details, cause });
};

export const quoteExpired = (cause: unknown): AppError =>
  new AppError({ kind: 'business', code: 'QUOTE_EXPIRED', message: 'The quote has expired', cause });

export const recipientRefused = (fields: readonly RefusedField[], cause: unknown): AppError => {
  const message = 'Wise does not accept the details of this recipient';
  return new AppError({ kind: 'validation', code: 'RECIPIENT_REFUSED', message, details: { fields }, cause });
};

export const transferNotCancelable = (cause: unknown): AppError => {
  const message = 'The transfer cannot be canceled any more';
  return new AppError({ kind: 'conflict', code: 'TRANSFER_NOT_CANCELABLE', message, cause });
};

/** A signature that is missing, or that Wise has not made of this body. Wise's deliveries are refused with 400. */
export const invalidDelivery = (): AppError => validation('INVALID_SIGNATURE', 'The delivery is not signed by Wise');

/** A body that no delivery has. */
export const noDelivery = (what: string): AppError =>
  validation('INVALID_INPUT', `The body is no event of Wise's: ${what}`);
