import { verify, type KeyObject } from 'node:crypto';
import { invalidDelivery } from './wise-errors';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const MAX_CHARS = 2_048;

/**
 * Pure: RSA-SHA256 (PKCS #1 v1.5) over the body as it came (docs.wise.com, "Webhooks: event handling"). There is no time in it: what
 * is delivered again is known by what it says.
 * @param signature the header X-Signature-SHA256, in base64
 * @param keys any of them may have signed
 * @throws INVALID_SIGNATURE.
 */
export function verifyWiseSignature(rawBody: Buffer, signature: string | undefined, keys: readonly KeyObject[]): void {
  const text = signature ?? '';
  if (text === '' || text.length > MAX_CHARS || !BASE64.test(text)) throw invalidDelivery();
  const bytes = Buffer.from(text, 'base64');
  if (!keys.some((key) => verify('RSA-SHA256', rawBody, key, bytes))) throw invalidDelivery();
}
