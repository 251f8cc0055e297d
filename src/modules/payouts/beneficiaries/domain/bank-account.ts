import isAbaRouting from 'validator/lib/isAbaRouting';
import type { Currency } from '../../../../shared/currency';
import { ibanTools } from './iban-tools';

const { electronicFormatIBAN, isValidBIC, isValidIBAN } = ibanTools;

/** Fields of an account in the provider's words; an address is nested, one level. */
export type BankDetails = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

export interface BankAccount {
  readonly currency: Currency;
  /** The provider's word for what kind of account it is: `iban`, `sort_code`, `aba`, ... */
  readonly type: string;
  /** Of its holder, in full. */
  readonly name: string;
  readonly details: BankDetails;
}

export interface AccountProblem {
  /** As in the request: `details.IBAN`. */
  readonly field: string;
  /** Never says what was given. */
  readonly message: string;
}

/** What describes the holder or the bank, and does not tell one account from another. */
const DESCRIBES = new Set([
  ...['legaltype', 'accounttype', 'address', 'dateofbirth', 'country', 'city', 'state', 'postcode', 'firstline'],
  ...['bankname', 'nationality', 'email', 'phonenumber', 'relationship', 'occupation', 'bic'],
]);
/** What is read without its spaces and hyphens, and case: people copy them from letters. */
const CODES = new Set([
  'iban',
  'bic',
  'swiftcode',
  'sortcode',
  'abartn',
  'accountnumber',
  'ifsccode',
  'bsbcode',
  'clabe',
]);
const KEEPS_HYPHENS = new Set(['accountnumber']);

const SHOWN = 4;

/** Pure: as it is kept, compared and sent. */
export function normalised({ name, details, ...rest }: BankAccount): BankAccount {
  const known = Object.entries(details).map(([key, value]) => [
    key,
    typeof value === 'string' ? tidy(key, value) : tidied(value),
  ]);
  const given = known.filter(([, value]) => value !== '');
  return {
    ...rest,
    name: name.normalize('NFC').trim().replace(/\s+/g, ' '),
    details: Object.fromEntries(given) as BankDetails,
  };
}

function tidied(nested: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(nested).map(([key, value]) => [key, value.trim()]));
}

function tidy(key: string, value: string): string {
  const name = key.toLowerCase();
  if (name === 'iban') return electronicFormatIBAN(value) ?? value;
  if (!CODES.has(name)) return value.trim();
  return value.replace(KEEPS_HYPHENS.has(name) ? /\s/g : /[\s-]/g, '').toUpperCase();
}

/** Pure: what can be said to be wrong without asking anybody. Check digits by library, the others by shape. @param account normalised. */
export function accountProblems(account: BankAccount): AccountProblem[] {
  const problems = Object.entries(account.details).flatMap(([key, value]) => {
    const message = typeof value === 'string' ? problemOf(account.type, key.toLowerCase(), value) : null;
    return message === null ? [] : [{ field: `details.${key}`, message }];
  });
  if (problems.length === 0 && Object.keys(identityOf(account)).length === 0) {
    return [{ field: 'details', message: 'must name an account' }];
  }
  return problems;
}

function problemOf(type: string, key: string, value: string): string | null {
  switch (key) {
    case 'iban':
      return isValidIBAN(value) ? null : 'is not a valid IBAN';
    case 'bic':
    case 'swiftcode':
      return isValidBIC(value) ? null : 'is not a valid BIC';
    case 'abartn':
      return isAbaRouting(value) ? null : 'is not a valid ABA routing number';
    case 'sortcode':
      return /^\d{6}$/.test(value) ? null : 'must be a sort code of six digits';
    case 'accountnumber':
      return type !== 'sort_code' || /^\d{8}$/.test(value) ? null : 'must be an account number of eight digits';
    default:
      return null;
  }
}

/**
 * Pure: what tells this account from all others, keys in lower case and sorted. An IBAN says it all; of other kinds it is
 * everything that does not just describe, so that kinds nobody has thought of are told apart too. @param account normalised.
 */
export function identityOf({ type, details }: Pick<BankAccount, 'type' | 'details'>): Record<string, string> {
  const fields = Object.entries(details).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' && value !== '' ? [[key.toLowerCase(), value]] : [],
  );
  const iban = fields.find(([key]) => key === 'iban');
  if (iban) return { iban: iban[1] };
  const isDescribing = (key: string): boolean => DESCRIBES.has(key) && key !== type;
  return Object.fromEntries(fields.filter(([key]) => !isDescribing(key)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Pure: the text whose keyed hash is the account's fingerprint. @param account normalised. */
export function identityText(account: BankAccount): string {
  return JSON.stringify([account.currency, account.type, Object.entries(identityOf(account))]);
}

/** Pure: whether the provider's recipient is this very account and holder; it may know more fields of it, in other spelling. */
export function isSameRecipient(
  account: BankAccount,
  told: { name: string; type: string; details: Readonly<Record<string, unknown>> },
): boolean {
  if (told.type.toLowerCase() !== account.type.toLowerCase() || !isSameName(account.name, told.name)) return false;
  const fields = new Map(
    Object.entries(told.details).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key.toLowerCase(), tidy(key, value)] as const] : [],
    ),
  );
  return Object.entries(identityOf(account)).every(([key, value]) => fields.get(key) === value);
}

/** Pure: whatever the case and the spaces. */
export function isSameName(a: string, b: string): boolean {
  const plain = (text: string): string => text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
  return plain(a) === plain(b);
}

/** Pure: an account as people may see it: `DE•••••••••3000`, `••••4321`; never more than half of it. */
export function maskedAccount(account: BankAccount): string {
  const identity = identityOf(account);
  const { iban } = identity;
  if (iban !== undefined) return `${iban.slice(0, 2)}${'•'.repeat(9)}${iban.slice(-SHOWN)}`;
  const number = identity['accountnumber'] ?? Object.values(identity).find((value) => /^\d+$/.test(value)) ?? '';
  const shown = Math.min(SHOWN, Math.floor(number.length / 2));
  return `••••${shown === 0 ? '' : number.slice(-shown)}`;
}

/** A currency's first two letters are its country's, but for those of several countries. */
const OF_MANY = new Set<Currency>(['EUR', 'ANG', 'XAF', 'XOF', 'XPF', 'XCD']);

/** Pure: ISO 3166 alpha-2 of where the account is; null where it does not say. @param account normalised. */
export function countryOf({ currency, details, ...rest }: BankAccount): string | null {
  const { iban } = identityOf({ details, type: rest.type });
  if (iban !== undefined) return iban.slice(0, 2);
  const { address, country } = details;
  const written = typeof address === 'object' ? address['country'] : country;
  if (typeof written === 'string' && /^[A-Za-z]{2}$/.test(written)) return written.toUpperCase();
  return OF_MANY.has(currency) ? null : currency.slice(0, 2);
}
