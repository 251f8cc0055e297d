import { problems } from './api-error';
import type { WiseWorld } from './index';

/** A checked request. */
export interface Call {
  readonly wise: WiseWorld;
  /** Milliseconds of the sandbox's clock. */
  readonly now: number;
  readonly ids: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** @returns the answer's body; null: 204. @throws WiseApiError */
export type Handler = (call: Call) => object | null;
/** By method and path as Wise's documents have them. */
export type Routes = Readonly<Record<string, Handler>>;

/** @throws WiseApiError (400) for what is no number. */
export function numberIn(ids: Readonly<Record<string, string>>, name: string): number {
  const text = ids[name] ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw problems(400, { code: 'bad.request', message: `'${name}' should be a valid 'Long'`, path: name });
}
