const SCALE = 10n ** 8n;

/** How many of it one US dollar buys, where rates do not move. */
const PER_DOLLAR: Readonly<Record<string, number>> = {
  ...{ USD: 1, EUR: 0.92, GBP: 0.79, CHF: 0.88, CAD: 1.36, AUD: 1.52, NZD: 1.64, SGD: 1.34, JPY: 149.5, SEK: 10.45 },
  ...{ DKK: 6.86, NOK: 10.62, PLN: 3.96, HUF: 358.4, INR: 83.2, MXN: 17.15, BRL: 4.97, KWD: 0.308, BHD: 0.376 },
  ...{ TND: 3.11, KRW: 1332, CLP: 938 },
};

/** Of which Wise holds balances, and can thus be paid from. */
const HELD = 'USD EUR GBP CHF CAD AUD NZD SGD JPY SEK DKK NOK PLN HUF'.split(' ');

const ISO = new Set(Intl.supportedValuesOf('currency'));

export function isCurrency(code: string): boolean {
  return ISO.has(code);
}

export function isHeld(code: string): boolean {
  return HELD.includes(code);
}

export function isSent(code: string): boolean {
  return code in PER_DOLLAR;
}

/** Decimals of ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD. */
export function decimalsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** The JSON number that is this amount in major units. */
export function toMajor(minor: number, currency: string): number {
  return Number(`${minor}e-${decimalsOf(currency)}`);
}

/** @returns null where the currency has fewer decimals, or the amount is beyond all reason. */
export function toMinor(major: number, currency: string): number | null {
  const minor = Number(`${major}e${decimalsOf(currency)}`);
  return Number.isSafeInteger(minor) ? minor : null;
}

/** Target per source times 10^8, rounded half up. @param move hundredths of a percent */
export function rateOf(source: string, target: string, move: number): number {
  const [from, to] = [source, target].map((code) => BigInt(Math.round((PER_DOLLAR[code] ?? 1) * 1e6)));
  if (from === undefined || to === undefined || source === target) return Number(SCALE);
  const divisor = from * 10_000n;
  return Number((2n * to * SCALE * BigInt(10_000 + move) + divisor) / (2n * divisor));
}

/** What so much is in the other currency, rounded down, or up where that has to be enough. */
export function convert(
  minor: number,
  { source, target, rate }: { readonly source: string; readonly target: string; readonly rate: number },
  way: 'forth' | 'back',
): number {
  const [from, to] = [source, target].map((code) => 10n ** BigInt(decimalsOf(code))) as [bigint, bigint];
  if (way === 'forth') return Number((BigInt(minor) * to * BigInt(rate)) / (from * SCALE));
  const divisor = to * BigInt(rate);
  return Number((BigInt(minor) * from * SCALE + divisor - 1n) / divisor);
}

/** So many cents of a dollar in this currency, at least its smallest unit. */
export function ofDollars(cents: number, currency: string): number {
  return Math.max(1, convert(cents, { source: 'USD', target: currency, rate: rateOf('USD', currency, 0) }, 'forth'));
}
