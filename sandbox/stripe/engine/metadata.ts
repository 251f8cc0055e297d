/** Stripe's metadata rules. */
import { invalidRequest } from './errors';
import type { Metadata } from './wire';

const KEY_LENGTH = 40;
const VALUE_LENGTH = 500;
const MOST_KEYS = 50;

/** What a request may send: null or an empty string clears all, an empty value removes its key. */
export type MetadataInput = Record<string, string | number | null> | '' | null | undefined;

/** The metadata after a request; the argument stays as it is. @throws 400 beyond Stripe's limits */
export function mergeMetadata(current: Metadata, input: MetadataInput): Metadata {
  if (input === undefined) return current;
  if (input === null || input === '') return {};
  const next = { ...current };
  for (const [key, value] of Object.entries(input)) {
    if (key.length > KEY_LENGTH) {
      throw invalidRequest(
        `Metadata keys can have up to ${KEY_LENGTH} characters, but you passed in a key that is ${key.length} characters.`,
        'metadata',
      );
    }
    if (String(value).length > VALUE_LENGTH) {
      throw invalidRequest(
        `Metadata values can have up to ${VALUE_LENGTH} characters, but you passed in a value that is ${String(value).length} characters.`,
        `metadata[${key}]`,
      );
    }
    if (value === null || value === '') Reflect.deleteProperty(next, key);
    else next[key] = String(value);
  }
  if (Object.keys(next).length > MOST_KEYS) {
    throw invalidRequest(`Metadata can have up to ${MOST_KEYS} keys.`, 'metadata');
  }
  return next;
}
