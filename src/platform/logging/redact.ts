const HIDDEN = '[redacted]';
/** Deeper structures are cut, so that logging a huge or circular object can neither hang nor leak from below. */
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;

/** Names whose values are never written, whatever they are nested in; compared without case, `-` and `_`. */
const SECRET_NAMES =
  /^(authorization|proxyauthorization|cookie|setcookie|stripesignature|xsignaturesha256|xinternalapikey|idempotencykey|password|passwd|secret|secrets|apikey|privatekey|encryptionkeys?|token|tokens|accesstoken|refreshtoken|idtoken|bearer|jwt|signedpayload|signedtransaction|purchasetoken|rawbody|card|cvc|cvv|pan|iban|accountnumber|routingnumber|email|emails|emailaddress|customeremail|receiptemail|phone)$|secret|apitoken|cardnumber/;

/**
 * Texts that are secret or personal wherever they stand, such as inside messages, URLs and stack traces. A pattern is
 * only tried when its hint occurs: looking for a fixed text costs a tenth of a pattern, and most lines have none.
 */
const SECRET_TEXTS: readonly (readonly [hint: string, pattern: RegExp, replacement: string])[] = [
  ['k_', /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9_]+/g, HIDDEN],
  ['whsec_', /\bwhsec_[A-Za-z0-9+/=_-]+/g, HIDDEN],
  ['_secret_', /\b((?:pi|seti|cs|src)_[A-Za-z0-9]+)_secret_[A-Za-z0-9_%]+/g, `$1_secret_${HIDDEN}`],
  // What SecretBox has sealed: in a link it is a credential.
  ['v1.', /\bv1\.[\w-]{8}\.[\w-]{20,}/g, HIDDEN],
  ['earer', /\bBearer\s+[A-Za-z0-9._~+/=-]+/gi, `Bearer ${HIDDEN}`],
  ['eyJ', /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, HIDDEN],
  ['@', /\b(?:postgres(?:ql)?|rediss?|smtps?|https?):\/\/[^\s/@:"]*:[^\s/@"]*@/g, `//${HIDDEN}@`],
  ['@', /[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/g, '[email]'],
];
/** 13 to 19 digits, alone or in groups of four: a card number if its check digit (Luhn) agrees. */
const CARD_NUMBER = /\b[2-6](?:[ -]?\d){12,18}\b/g;

/** Pure: the text without credentials, email addresses and card numbers. */
export function redactText(text: string): string {
  let result = text;
  for (const [hint, pattern, replacement] of SECRET_TEXTS) {
    if (result.includes(hint)) result = result.replace(pattern, replacement);
  }
  return result.replace(CARD_NUMBER, (match: string, offset: number) => {
    if (!passesLuhn(match.replace(/\D/g, ''))) return match;
    // Behind these characters it may be a bare JSON number, and the line must stay JSON.
    return /[:,[]/.test(result[offset - 1] ?? '') ? '9'.repeat(match.length) : '[card]';
  });
}

/**
 * Pure: a copy of `value` in which the values of secret names are hidden and raw bytes are only counted. Errors are
 * left for pino's serializer, which calls back with plain objects.
 */
export function redactValue(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redactValue(item, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value).slice(0, MAX_ITEMS)) {
    copy[name] = isSecretName(name) && inner !== undefined && inner !== null ? HIDDEN : redactValue(inner, depth + 1);
  }
  return copy;
}

function isSecretName(name: string): boolean {
  return SECRET_NAMES.test(name.toLowerCase().replace(/[-_]/g, ''));
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
