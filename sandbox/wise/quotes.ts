import { problems, refused } from './api-error';
import type { WiseBook } from './book';
import { convert, isCurrency, isHeld, isSent, ofDollars, rateOf, toMinor } from './currencies';
import { payable, payOutOf } from './recipients';
import type { PaymentOption, QuoteRecord } from './state';

export interface QuoteInput {
  readonly sourceCurrency: string;
  readonly targetCurrency: string;
  readonly sourceAmount?: number | null;
  readonly targetAmount?: number | null;
  readonly targetAccount?: number;
  readonly payOut?: string | null;
  readonly preferredPayIn?: string | null;
}

/** Hundredths of a percent, and what comes on top in cents of a dollar. */
const FEES: Readonly<Record<string, { readonly variable: number; readonly fixed: number }>> = {
  BALANCE: { variable: 43, fixed: 31 },
  BANK_TRANSFER: { variable: 53, fixed: 62 },
  DIRECT_DEBIT: { variable: 73, fixed: 62 },
  DEBIT: { variable: 140, fixed: 62 },
};
/** On top, for what banks on the way take. */
const SWIFT_CENTS = 400;
/** A dollar, and a million of them. */
const LEAST_CENTS = 100;
const MOST_CENTS = 100_000_000;
/** Beyond it nothing is quoted at all. */
const NEVER_CENTS = 10_000_000_000;
const PAY_OUTS = ['BANK_TRANSFER', 'SWIFT', 'SWIFT_OUR'];
/** Which Wise sends to from banks only. */
const NOT_FROM_BALANCES = ['BRL'];

type Route = Pick<QuoteRecord, 'source' | 'target' | 'rate' | 'provided' | 'payOut'>;

/** @throws WiseApiError for a currency, route or amount that Wise does not take. */
export function createQuote(book: WiseBook, input: QuoteInput, at: number): QuoteRecord {
  const { sourceCurrency: source, targetCurrency: target } = input;
  const provided = providedBy(input);
  checkRoute(source, target);
  const rate = rateOf(source, target, book.policy.ratesMove);
  const account = input.targetAccount === undefined ? null : payable(book, input.targetAccount, target);
  const payOut = account ? payOutOf(account) : checkPayOut(input.payOut ?? 'BANK_TRANSFER');
  const route = { source, target, rate, provided, payOut };
  const quote: QuoteRecord = {
    ...{ ...route, id: book.newUuid(), createdAt: at, expiresAt: at + book.policy.quoteLifeSeconds * 1000 },
    ...{ targetAccount: account?.id ?? null, options: optionsOf(book, route), transferId: null, funded: false },
    preferredPayIn: input.preferredPayIn ?? 'BANK_TRANSFER',
  };
  book.quotes.set(quote.id, quote);
  return quote;
}

/** Another recipient or way out, with what that costs; rate and expiry stay. @throws WiseApiError */
export function updateQuote(book: WiseBook, quote: QuoteRecord, input: Partial<QuoteInput>, at: number): QuoteRecord {
  if (isExpired(quote, at) || quote.transferId !== null) throw spent(quote);
  const account = input.targetAccount === undefined ? null : payable(book, input.targetAccount, quote.target);
  const payOut = account ? payOutOf(account) : checkPayOut(input.payOut ?? quote.payOut);
  const options = optionsOf(book, { ...quote, payOut });
  return Object.assign(quote, { payOut, options, targetAccount: account?.id ?? quote.targetAccount });
}

export function isExpired({ expiresAt, transferId }: QuoteRecord, at: number): boolean {
  return transferId === null && at >= expiresAt;
}

/** Why a transfer cannot be made of it. */
export function spent({ transferId }: QuoteRecord): Error {
  return transferId === null
    ? refused('error.quote.expired', 'The quote has expired. Please create a new quote.', 'quoteUuid')
    : refused('error.quote.already.used', 'The quote is used by another transfer.', 'quoteUuid');
}

/** What is paid from the balance. @throws Error where a quote has lost it: a mistake of the sandbox. */
export function balanceOption({ options }: Pick<QuoteRecord, 'options'>): PaymentOption {
  const option = options.find(({ payIn }) => payIn === 'BALANCE');
  if (!option) throw new Error('a quote without a price from the balance');
  return option;
}

function providedBy({
  sourceCurrency,
  targetCurrency,
  sourceAmount,
  targetAmount,
}: QuoteInput): QuoteRecord['provided'] {
  const given = [sourceAmount, targetAmount].filter((one) => one !== null && one !== undefined);
  if (given.length !== 1) {
    const code = given.length === 2 ? 'error.quote.amount.onlySingle' : 'error.quote.amount.missing';
    throw problems(400, { code, message: 'Please only specify a source or target amount.', path: 'sourceAmount' });
  }
  const bad = [
    ...(isCurrency(sourceCurrency) ? [] : ['sourceCurrency']),
    ...(isCurrency(targetCurrency) ? [] : ['targetCurrency']),
  ];
  if (bad.length > 0) {
    const message = "That wasn't a valid ISO-4217 currency code (like GBP, USD or EUR).";
    throw problems(400, ...bad.map((path) => ({ code: 'CurrencyCode', message, path })));
  }
  const isTarget = typeof targetAmount === 'number';
  const [path, currency] = isTarget ? ['targetAmount', targetCurrency] : ['sourceAmount', sourceCurrency];
  const major = given[0] ?? 0;
  if (major <= 0) {
    throw problems(400, {
      code: 'error.greaterThanZero',
      message: "Please type in a number that's larger than 0.",
      path,
    });
  }
  const amount = toMinor(major, currency);
  if (amount === null) {
    const message = `Please type in an amount with no more decimals than ${currency} has.`;
    throw problems(400, { code: 'error.amount.decimals', message, path });
  }
  return { type: isTarget ? 'TARGET' : 'SOURCE', amount };
}

function checkRoute(source: string, target: string): void {
  if (isHeld(source) && isSent(target)) return;
  const path = isHeld(source) ? 'targetCurrency' : 'sourceCurrency';
  throw refused('error.route.not.supported', `Sorry, we do not support sending ${source} to ${target}.`, path);
}

function checkPayOut(payOut: string): string {
  if (PAY_OUTS.includes(payOut)) return payOut;
  throw refused('error.payOut.not.supported', `Sorry, we do not pay out by ${payOut} here.`, 'payOut');
}

/** @throws WiseApiError for an amount that nobody would send. */
function optionsOf(book: WiseBook, route: Route): PaymentOption[] {
  return Object.keys(FEES).map((payIn) => {
    const price = priceOf(route, payIn);
    return { payIn, ...price, disabled: disabledFor(book, route, payIn, price.sourceAmount) };
  });
}

function priceOf(route: Route, payIn: string): Pick<PaymentOption, 'sourceAmount' | 'targetAmount' | 'fee'> {
  const { source, provided, payOut } = route;
  const { variable, fixed } = FEES[payIn] ?? { variable: 0, fixed: 0 };
  const cents = fixed + (payOut === 'BANK_TRANSFER' ? 0 : SWIFT_CENTS);
  const feeOn = (net: number): number =>
    ofDollars(cents, source) +
    (source === route.target ? 0 : Number((BigInt(net) * BigInt(variable) + 9999n) / 10_000n));
  if (provided.type === 'TARGET') {
    const net = convert(provided.amount, route, 'back');
    if (net + feeOn(net) > ofDollars(NEVER_CENTS, source)) throw tooMuch('targetAmount');
    return { sourceAmount: net + feeOn(net), targetAmount: provided.amount, fee: feeOn(net) };
  }
  if (provided.amount > ofDollars(NEVER_CENTS, source)) throw tooMuch('sourceAmount');
  const fee = feeOn(provided.amount);
  const targetAmount = provided.amount > fee ? convert(provided.amount - fee, route, 'forth') : 0;
  if (targetAmount === 0) throw tooLittle('sourceAmount');
  return { sourceAmount: provided.amount, targetAmount, fee };
}

const tooMuch = (path: string): Error =>
  refused('error.quote.amount.too.high', 'The amount is higher than we can send.', path);
const tooLittle = (path: string): Error =>
  refused('error.quote.amount.too.low', 'The amount is lower than we can send.', path);

function disabledFor(
  book: WiseBook,
  { source, target }: Route,
  payIn: string,
  amount: number,
): PaymentOption['disabled'] {
  const off = (code: string, message: string): PaymentOption['disabled'] => ({ code, message });
  if (amount < ofDollars(LEAST_CENTS, source)) {
    return off('error.payInmethod.amount.too.low', 'The amount is lower than we can send this way.');
  }
  if (amount > ofDollars(MOST_CENTS, source)) {
    return off('error.payInmethod.amount.too.high', 'The amount is higher than we can send this way.');
  }
  if (payIn === 'BALANCE' && !book.balanceIn(source)) {
    return off('error.payInmethod.disabled', `Open a ${source} balance to pay with it.`);
  }
  if (payIn === 'BALANCE' && NOT_FROM_BALANCES.includes(target)) {
    return off('error.payInmethod.disabled', `Your balance cannot be sent to ${target}.`);
  }
  if (payIn === 'DEBIT') return off('error.payInmethod.disabled', 'Business accounts cannot pay by card.');
  if (payIn === 'DIRECT_DEBIT' && source !== 'USD') {
    return off('error.payInmethod.disabled', `There is no direct debit in ${source}.`);
  }
  return null;
}
