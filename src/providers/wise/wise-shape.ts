import { unreadable } from './wise-errors';

/** An object of Wise's JSON, of which nothing has been checked yet. */
export type Told = Readonly<Record<string, unknown>>;

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const ID = /^[1-9]\d{0,15}$/;
const NUL = '\u0000';

/** @throws SCHEMA_VALIDATION, as every function here. @param what it is, for the message. */
export function recordOf(value: unknown, what: string): Told {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(what);
  return value as Told;
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw unreadable(what);
  return value;
}

/** Text that can be stored. */
export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 2_000 || value.includes(NUL)) throw unreadable(what);
  return value;
}

/** Null for what is no text. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && !value.includes(NUL) ? value.slice(0, 2_000) : null;
}

/** A number of Wise's that names an object, as text. One beyond 2^53 has already lost its last digits. */
export function idOf(value: unknown, what: string): string {
  const isWhole = Number.isSafeInteger(value) && (value as number) > 0;
  if (!isWhole && !(typeof value === 'string' && isWiseId(value))) throw unreadable(what);
  return String(value);
}

export function momentOf(value: unknown, what: string): Date {
  const at = new Date(typeof value === 'string' ? value : NaN);
  if (Number.isNaN(at.getTime())) throw unreadable(what);
  return at;
}

export function uuidOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || !isUuid(value)) throw unreadable(what);
  return value.toLowerCase();
}

export function isUuid(value: string): boolean {
  return UUID.test(value);
}

/** Whether it can name an object of Wise's: it becomes part of a path, and a number in a body. */
export function isWiseId(value: string): boolean {
  return ID.test(value) && Number.isSafeInteger(Number(value));
}
