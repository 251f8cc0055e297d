import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * Apple's root certificates from their files, DER or PEM. @throws Error, one sentence with the setting's and the file's name:
 * boot stops on it.
 */
export function readRootCertificates(files: readonly string[]): Buffer[] {
  return files.map((file) => {
    try {
      return new X509Certificate(readFileSync(file)).raw;
    } catch (error) {
      throw new Error(`APPLE_ROOT_CERTS names ${file}, which cannot be read as a certificate in DER or PEM.`, {
        cause: error,
      });
    }
  });
}

/** @param setting PEM, its line breaks perhaps written as \n, or the file that holds it. @throws Error as above. */
export function readPrivateKey(setting: string): string {
  try {
    const pem = setting.includes('-----BEGIN') ? setting.replaceAll('\\n', '\n') : readFileSync(setting, 'utf8');
    if (createPrivateKey(pem).asymmetricKeyType !== 'ec') throw new Error('not an elliptic curve');
    return pem;
  } catch (error) {
    throw new Error('APPLE_PRIVATE_KEY is neither a private key for ES256 in PEM nor a file that holds one.', {
      cause: error,
    });
  }
}
