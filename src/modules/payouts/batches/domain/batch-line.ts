import { isAppError } from '../../../../shared/app-error';
import { isCurrency, type Currency } from '../../../../shared/currency';
import { fromMajorUnits } from '../../../../shared/money';
import { accountProblems, normalised, type BankDetails } from '../../beneficiaries/domain/bank-account';
import type { RawLine } from './batch-file';

/** A line that can be prepared. */
export interface BatchLine {
  beneficiary: { id: string } | { name: string; type: string; details: BankDetails };
  sourceCurrency: Currency;
  currency: Currency;
  /** Minor units of `currency`, as text: it is kept as JSON. */
  amount: string;
  reference: string;
}

export interface LineProblem {
  field: string;
  /** Never says what was given. */
  message: string;
}

const FIELDS = ['beneficiaryId', 'name', 'type', 'details', 'sourceCurrency', 'amount', 'currency', 'reference'];
const LONGEST_AMOUNT = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Pure: what a line of a file says, or all that is wrong with it.
 * @param isDetails whether it is an object of texts, as the API's own check has it.
 */
export function readLine(
  raw: RawLine,
  isDetails: (value: unknown) => value is BankDetails,
): { line: BatchLine } | { problems: LineProblem[] } {
  const problems: LineProblem[] = Object.keys(raw)
    .filter((field) => !FIELDS.includes(field))
    .map((field) =>
      field === 'columns'
        ? { field: 'line', message: 'has more values than there are columns' }
        : { field: 'line', message: 'has a field that is not known' },
    );
  const sourceCurrency = currencyOf(raw, 'sourceCurrency', problems);
  const currency = currencyOf(raw, 'currency', problems);
  const amount = currency && amountOf(raw['amount'], currency, problems);
  const reference = textOf(raw, 'reference', 1, 140, problems);
  const beneficiary = beneficiaryOf(raw, currency, isDetails, problems);
  if (problems.length > 0 || !sourceCurrency || !currency || !amount || reference === null || !beneficiary) {
    return { problems };
  }
  return { line: { beneficiary, sourceCurrency, currency, amount, reference } };
}

function currencyOf(raw: RawLine, field: string, problems: LineProblem[]): Currency | null {
  const value = raw[field];
  const code = typeof value === 'string' ? value.toUpperCase() : value;
  if (isCurrency(code)) return code;
  problems.push({ field, message: 'must be a currency of ISO 4217' });
  return null;
}

/** Decimal major units as a text: a number of JSON may have lost its last digits. */
function amountOf(value: unknown, currency: Currency, problems: LineProblem[]): string | null {
  const refuse = (message: string): null => {
    problems.push({ field: 'amount', message });
    return null;
  };
  if (typeof value !== 'string') return refuse('must be a text with a decimal number: "12.50"');
  try {
    const { amount } = fromMajorUnits(value, currency);
    if (amount <= 0n) return refuse('must be more than 0');
    return amount > LONGEST_AMOUNT ? refuse('is more than can be paid') : String(amount);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return refuse(error.code === 'INVALID_AMOUNT' ? error.message : 'must be a plain decimal number: 12.50');
  }
}

function textOf(raw: RawLine, field: string, min: number, max: number, problems: LineProblem[]): string | null {
  const value = raw[field];
  if (typeof value === 'string') {
    const text = value.trim();
    if (text.length >= min && text.length <= max && !/\p{Cc}/u.test(text)) return text;
  }
  problems.push({ field, message: `must be a line of text of ${min} to ${max} characters` });
  return null;
}

function beneficiaryOf(
  raw: RawLine,
  currency: Currency | null,
  isDetails: (value: unknown) => value is BankDetails,
  problems: LineProblem[],
): BatchLine['beneficiary'] | null {
  const { beneficiaryId, name: givenName, type, details } = raw;
  if (beneficiaryId !== undefined) {
    if ([givenName, type, details].some((value) => value !== undefined)) {
      problems.push({ field: 'beneficiaryId', message: 'or name, type and details, and not both' });
    }
    if (typeof beneficiaryId === 'string' && /^[\x21-\x7e]{1,64}$/.test(beneficiaryId)) return { id: beneficiaryId };
    problems.push({ field: 'beneficiaryId', message: 'must be the id of a beneficiary' });
    return null;
  }
  const name = textOf(raw, 'name', 2, 140, problems);
  const isType = typeof type === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(type);
  if (!isType) problems.push({ field: 'type', message: 'must be letters, digits, _ and -, up to 64' });
  if (!isDetails(details)) {
    problems.push({ field: 'details', message: 'must be the bank details, each a text' });
    return null;
  }
  if (name === null || !isType || !currency) return null;
  problems.push(...accountProblems(normalised({ currency, name, type, details })));
  return { name, type, details };
}
