import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { certificate } from '../apple/der';
import { newKey } from '../apple/signing';
import type { GoogleKeys } from './state';

const VALID = { notBefore: new Date('2015-01-01T00:00:00Z'), notAfter: new Date('2075-01-01T00:00:00Z') };
const ISSUER = 'Sandbox Federated Sign-on CA';

function rsaKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

export function createKeys(keyId: string): GoogleKeys {
  return { keyId, pushKey: rsaKey(), accountKey: rsaKey() };
}

/** What `oauth2/v1/certs` answers: the push key's certificate in PEM, by its id. */
export function certsOf({ keyId, pushKey }: GoogleKeys): Record<string, string> {
  const der = certificate({
    ...{ ...VALID, serial: 1, subject: 'federated-signon.sandbox', issuer: ISSUER, ca: false, markers: [] },
    ...{ key: pushKey, issuerKey: newKey() },
  });
  const body = der.toString('base64').replaceAll(/(.{64})/g, '$1\n');
  return { [keyId]: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n` };
}

export function publicKeyOf(privateKey: string): KeyObject {
  return createPublicKey(createPrivateKey(privateKey));
}
