import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';

export type PseudonymKind = 'address' | 'card';

const KEY_BYTES = 32;

/**
 * Pure: the key that addresses and cards are hashed with, derived from one of ENCRYPTION_KEYS (HKDF, RFC 5869), so that
 * neither gives the other away.
 */
export function pseudonymKey(encryptionKey: KeyObject): Buffer {
  return Buffer.from(hkdfSync('sha256', encryptionKey, '', 'kassa.fraud.pseudonyms', KEY_BYTES));
}

/**
 * Pure: 32 bytes in base64url. Keyed, because all addresses there are can be tried in minutes against a bare hash.
 * The kind is part of it: a card never looks like an address.
 */
export function pseudonym(key: Buffer, kind: PseudonymKind, value: string): string {
  return createHmac('sha256', key).update(`${kind}:${value}`).digest('base64url');
}
