import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** Tells the keys of one installation apart, and says nothing of them. */
const NAME_BYTES = 6;
/** 96 bits, as NIST SP 800-38D recommends (section 5.2.1.1); drawn at random for each text. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1';

/** A key that seals, and the name by which a sealed text says that it was this one. */
export interface SealingKey {
  readonly id: string;
  readonly key: Buffer;
}

/** Pure: derived from one of ENCRYPTION_KEYS (HKDF, RFC 5869), so that what seals is never what hashes addresses. */
export function sealingKey(encryptionKey: KeyObject): SealingKey {
  const key = Buffer.from(hkdfSync('sha256', encryptionKey, '', 'kassa.secrets', KEY_BYTES));
  const name = Buffer.from(hkdfSync('sha256', encryptionKey, '', 'kassa.secrets.name', NAME_BYTES));
  return { key, id: name.toString('base64url') };
}

/**
 * `v1.<key>.<iv, tag, ciphertext in base64url>`.
 * @param context whose secret it is, e.g. its row's id: bound to the text, so that it opens nowhere else.
 */
export function seal({ id, key }: SealingKey, text: string, context: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return `${VERSION}.${id}.${Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64url')}`;
}

/** Null where none of the keys opens it: another key's, another context's, or not what was written. */
export function unseal(keys: readonly SealingKey[], sealed: string, context: string): string | null {
  const [version, keyId, payload = '', ...rest] = sealed.split('.');
  const key = keys.find(({ id }) => id === keyId);
  const bytes = Buffer.from(payload, 'base64url');
  if (version !== VERSION || !key || rest.length > 0 || bytes.length < IV_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv(ALGORITHM, key.key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}
