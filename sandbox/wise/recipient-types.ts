import isBIC from 'validator/lib/isBIC';
import isIBAN from 'validator/lib/isIBAN';

/** A field of a kind of recipient, as Wise asks for it. */
export interface Field {
  readonly key: string;
  readonly name: string;
  readonly type: 'text' | 'select' | 'radio';
  readonly required: boolean;
  readonly refresh: boolean;
  readonly example: string;
  readonly minLength: number | null;
  readonly maxLength: number | null;
  readonly pattern: string | null;
  readonly values: readonly { readonly key: string; readonly name: string }[] | null;
  /** What no pattern can say; null for what is right. */
  readonly check: ((value: string) => string | null) | null;
}

export interface RecipientType {
  readonly type: string;
  readonly title: string;
  readonly payOut: 'BANK_TRANSFER' | 'SWIFT';
  readonly fields: readonly Field[];
}

interface Rule extends Partial<Field> {
  readonly length?: readonly [min: number, max: number];
}

function field(key: string, name: string, rule: Rule = {}): Field {
  const [minLength, maxLength] = rule.length ?? [null, null];
  return {
    ...{
      key,
      name,
      type: 'text',
      required: true,
      refresh: false,
      example: '',
      pattern: null,
      values: null,
      check: null,
    },
    ...{ minLength, maxLength },
    ...Object.fromEntries(Object.entries(rule).filter(([part]) => part !== 'length')),
  };
}

function digits(key: string, name: string, min: number, max: number, example: string): Field {
  return field(key, name, { length: [min, max], pattern: `^\\d{${min},${max}}$`, example });
}

function choice(key: string, name: string, options: Readonly<Record<string, string>>, rule: Rule = {}): Field {
  const values = Object.entries(options).map(([one, label]) => ({ key: one, name: label }));
  return field(key, name, { type: 'select', values, ...rule });
}

const HOLDER = field('accountHolderName', 'Full name of the account holder', {
  length: [2, 140],
  pattern: '^[0-9A-Za-zÀ-ÖØ-öø-ÿ\\-_()\'*,.%#^@{}~<>+$"\\[\\]\\\\& ]+$',
});
const LEGAL = choice('legalType', 'Recipient type', { PRIVATE: 'Person', BUSINESS: 'Business' });
const IBAN = field('IBAN', 'IBAN', {
  ...{ length: [14, 42], example: 'DE89370400440532013000', pattern: '^[A-Za-z]{2}[0-9A-Za-z ]+$' },
  check: (value) => (isIBAN(value) ? null : 'Please specify a valid IBAN.'),
});
const BIC = field('swiftCode', 'SWIFT / BIC code', {
  ...{ length: [8, 11], example: 'BUKBGB22' },
  check: (value) => (isBIC(value) ? null : 'Please specify a valid SWIFT code.'),
});
const ACCOUNT = { checking: choice('accountType', 'Account type', { CHECKING: 'Checking', SAVINGS: 'Savings' }) };
const NUMBER = field('accountNumber', 'IBAN / Account number', { length: [4, 34], pattern: '^[0-9A-Za-z ]+$' });

const COUNTRIES = { US: 'United States', CA: 'Canada', DE: 'Germany', GB: 'United Kingdom', JP: 'Japan' };
const MORE_COUNTRIES = { KW: 'Kuwait', BH: 'Bahrain', TN: 'Tunisia', FR: 'France', ES: 'Spain', IN: 'India' };
const STATES = { CA: 'California', NY: 'New York', TX: 'Texas', WA: 'Washington', ON: 'Ontario', QC: 'Quebec' };
/** Whose addresses need a state. */
const WITH_STATES = new Set(['US', 'CA']);
const ADDRESS = [
  choice('address.country', 'Country', { ...COUNTRIES, ...MORE_COUNTRIES }, { refresh: true, example: 'US' }),
  field('address.city', 'City', { length: [1, 255] }),
  field('address.firstLine', 'Recipient address', { length: [1, 255] }),
  field('address.postCode', 'Post code', { length: [1, 32] }),
];
const STATE = choice('address.state', 'State', STATES);

/** The check digit of American routing numbers. */
function checkRouting(value: string): string | null {
  const sum = Array.from(value).reduce((total, digit, at) => total + Number(digit) * ([3, 7, 1][at % 3] ?? 0), 0);
  return sum % 10 === 0 ? null : 'Please specify a valid routing number.';
}

function local(type: string, title: string, ...fields: readonly Field[]): RecipientType {
  return { type, title, payOut: 'BANK_TRANSFER', fields: [HOLDER, LEGAL, ...fields] };
}

const SWIFT: RecipientType = {
  ...{ type: 'swift_code', title: 'Bank account abroad (SWIFT)', payOut: 'SWIFT' },
  fields: [HOLDER, LEGAL, BIC, NUMBER, ...ADDRESS],
};
const BY_IBAN = local('iban', 'IBAN', IBAN);

const TYPES: Readonly<Record<string, readonly RecipientType[]>> = {
  ...{ EUR: [BY_IBAN], CHF: [BY_IBAN], SEK: [BY_IBAN], DKK: [BY_IBAN], NOK: [BY_IBAN], PLN: [BY_IBAN] },
  ...{ KWD: [SWIFT], BHD: [SWIFT], TND: [SWIFT], KRW: [SWIFT], CLP: [SWIFT], BRL: [SWIFT] },
  GBP: [
    local(
      'sort_code',
      'Local bank account',
      field('sortCode', 'UK sort code', {
        ...{ length: [6, 8], example: '40-30-20', pattern: '^\\d{2}-?\\d{2}-?\\d{2}$' },
        check: (value) =>
          /^0+$/.test(value.replaceAll('-', '')) ? 'Unknown bank code. Please check the sort code is correct.' : null,
      }),
      digits('accountNumber', 'Account number', 8, 8, '12345678'),
    ),
    BY_IBAN,
  ],
  USD: [
    local(
      'aba',
      'ACH',
      field('abartn', 'Routing number', {
        ...{ length: [9, 9], example: '111000025', pattern: '^\\d{9}$', check: checkRouting },
      }),
      digits('accountNumber', 'Account number', 4, 17, '12345678'),
      ACCOUNT.checking,
      ...ADDRESS,
    ),
    SWIFT,
  ],
  JPY: [
    local(
      'japanese',
      'Local bank account',
      digits('bankCode', 'Bank code', 4, 4, '0001'),
      digits('branchCode', 'Branch code', 3, 3, '123'),
      choice('accountType', 'Account type', { CURRENT: 'Current', SAVINGS: 'Savings', CHECKING: 'Checking' }),
      digits('accountNumber', 'Account number', 4, 7, '1234567'),
    ),
  ],
  CAD: [
    local(
      'canadian',
      'Direct deposit',
      digits('institutionNumber', 'Institution number', 3, 3, '006'),
      digits('transitNumber', 'Transit number', 5, 5, '04841'),
      digits('accountNumber', 'Account number', 7, 12, '3456712'),
      ACCOUNT.checking,
    ),
  ],
  AUD: [
    local(
      'australian',
      'Local bank account',
      digits('bsbCode', 'BSB code', 6, 6, '023604'),
      digits('accountNumber', 'Account number', 4, 9, '123456789'),
    ),
  ],
  NZD: [
    local(
      'newzealand',
      'Local bank account',
      field('accountNumber', 'Account number', {
        length: [15, 18],
        pattern: '^[\\d-]+$',
        example: '03-1587-0050000-00',
      }),
    ),
  ],
  SGD: [
    local(
      'singapore',
      'Local bank account',
      digits('bankCode', 'Bank code', 4, 4, '7171'),
      digits('accountNumber', 'Account number', 4, 17, '1238762'),
    ),
  ],
  INR: [
    local(
      'indian',
      'Local bank account',
      field('ifscCode', 'IFSC code', { length: [11, 11], pattern: '^[A-Z]{4}0[0-9A-Z]{6}$', example: 'YESB0236041' }),
      digits('accountNumber', 'Account number', 5, 20, '678911234567891'),
    ),
  ],
  MXN: [local('mexican', 'Local bank account', digits('clabe', 'CLABE', 18, 18, '032180000118359719'))],
  HUF: [
    local(
      'hungarian',
      'Local bank account',
      field('accountNumber', 'Account number', {
        length: [16, 26],
        pattern: '^[\\d-]+$',
        example: '12000000-12345678-00000000',
      }),
    ),
  ],
};

export function typesOf(currency: string): readonly RecipientType[] {
  return TYPES[currency] ?? [];
}

/** @param details what the caller has filled in already: some answers need more. */
export function fieldsOf({ fields }: RecipientType, details: Readonly<Record<string, unknown>>): readonly Field[] {
  const country = valueAt(details, 'address.country');
  return fields.flatMap((one) =>
    one.key === 'address.country' && typeof country === 'string' && WITH_STATES.has(country) ? [one, STATE] : [one],
  );
}

/** @param key with dots between the parts */
export function valueAt(details: Readonly<Record<string, unknown>>, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined,
      details,
    );
}
