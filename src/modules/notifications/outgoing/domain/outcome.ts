/** Why an attempt did not deliver, as the log says it. */
export const ATTEMPT_ERRORS = [
  'status',
  'redirect',
  'gone',
  'timeout',
  'connection',
  'name',
  'tls',
  'address_refused',
  'url_refused',
  'protocol',
  'secret',
] as const;
export type AttemptError = (typeof ATTEMPT_ERRORS)[number];

/** How an attempt went. */
export interface Outcome {
  readonly statusCode: number | null;
  /** Null: delivered. */
  readonly error: AttemptError | null;
  /** A word more for an operator, such as `ECONNREFUSED`. */
  readonly detail: string | null;
  /** The beginning of the answer's body. */
  readonly response: string | null;
  /** What the endpoint asked for; 0 without. */
  readonly retryAfterMs: number;
}

/** An endpoint cannot silence us for longer by one answer. */
export const LONGEST_PAUSE_MS = 86_400_000;

/** Pure: what a status means. 2xx is delivered; redirects are not followed, they may lead anywhere. */
export function errorOfStatus(statusCode: number): AttemptError | null {
  if (statusCode >= 200 && statusCode < 300) return null;
  if (statusCode >= 300 && statusCode < 400) return 'redirect';
  return statusCode === 410 ? 'gone' : 'status';
}

/** Pure: `Retry-After` in milliseconds (RFC 9110, section 10.2.3: seconds or a date); 0 for none, for nonsense, for the past. */
export function retryAfterMs(header: string | undefined, now: Date): number {
  if (header === undefined) return 0;
  const text = header.trim();
  const wait = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : httpDate(text) - now.getTime();
  return Number.isFinite(wait) ? Math.min(LONGEST_PAUSE_MS, Math.max(0, wait)) : 0;
}

/** Only the form that is sent today: `Date.parse` takes far more for a date. */
function httpDate(text: string): number {
  return /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : NaN;
}
