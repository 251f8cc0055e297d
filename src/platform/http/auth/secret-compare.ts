import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares in constant time, whatever the lengths: both sides are hashed first, so that neither where they differ nor
 * how long the secret is can be measured. No secret configured refuses everybody.
 */
export function isSecret(given: string | undefined, secret: string | undefined): boolean {
  if (given === undefined || given === '' || secret === undefined) return false;
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
