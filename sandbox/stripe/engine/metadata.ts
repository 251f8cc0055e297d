/** Stripe's metadata rules. */
import type { Metadata } from './wire';

/** What a request may send: null or an empty string clears all, an empty value removes its key. */
export type MetadataInput = Record<string, string | number | null> | '' | null | undefined;

/** The metadata after a request; the argument stays as it is. */
export function mergeMetadata(current: Metadata, input: MetadataInput): Metadata {
  if (input === undefined) return current;
  if (input === null || input === '') return {};
  const next = { ...current };
  for (const [key, value] of Object.entries(input)) {
    if (value === null || value === '') Reflect.deleteProperty(next, key);
    else next[key] = String(value);
  }
  return next;
}
