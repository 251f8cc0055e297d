import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

const BLOCK = /-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g;

/**
 * The keys that Wise may sign with: several while it goes over to a new one.
 * @param setting PEM, its line breaks perhaps written as \n, or the file that holds it
 * @throws Error, one sentence with the setting's name: boot stops on it.
 */
export function readPublicKeys(setting: string): KeyObject[] {
  try {
    const pem = setting.includes('-----BEGIN') ? setting.replaceAll('\\n', '\n') : readFileSync(setting, 'utf8');
    const keys = (pem.match(BLOCK) ?? []).map((block) => createPublicKey(block));
    if (keys.length === 0 || keys.some((key) => key.asymmetricKeyType !== 'rsa')) throw new Error('no RSA keys');
    return keys;
  } catch (error) {
    throw new Error('WISE_WEBHOOK_PUBLIC_KEY is neither public RSA keys in PEM nor a file that holds some.', {
      cause: error,
    });
  }
}
