import { isId, type Id } from '../shared/ids';

/** The alphabet of our ids' bodies (`shared/ids.ts`): 26 characters of five bits, the first at most 7, are 128 bits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const BODY_CHARS = 26;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What a customer buys with in a store, Apple's `appAccountToken` and Google's obfuscated account id: the 128 bits of his id
 * as the UUID that Apple insists on. It needs no table, and a purchase names its owner before anybody has told us of him.
 * @param customerId an id of ours, `cust_…`
 */
export function accountTokenOf(customerId: string): string {
  if (!isId('cust', customerId)) throw new RangeError('Only a customer has an account token');
  const bits = Array.from(customerId.slice('cust_'.length)).reduce(
    (sum, c) => sum * 32n + BigInt(ALPHABET.indexOf(c)),
    0n,
  );
  const hex = bits.toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The inverse; null for what is no UUID. Whether there is such a customer, only the table knows. */
export function customerOfAccountToken(token: string | null | undefined): Id<'cust'> | null {
  const text = token?.toLowerCase();
  if (text === undefined || !UUID.test(text)) return null;
  let bits = BigInt(`0x${text.replaceAll('-', '')}`);
  let body = '';
  for (let i = 0; i < BODY_CHARS; i += 1) {
    body = ALPHABET.charAt(Number(bits & 31n)) + body;
    bits >>= 5n;
  }
  return `cust_${body}`;
}
