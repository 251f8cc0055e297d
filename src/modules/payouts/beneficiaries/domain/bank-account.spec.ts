import fc from 'fast-check';
import {
  accountProblems,
  countryOf,
  identityText,
  isSameRecipient,
  maskedAccount,
  normalised,
  type BankAccount,
  type BankDetails,
} from './bank-account';

const account = (type: string, details: BankDetails, more: Partial<BankAccount> = {}): BankAccount =>
  normalised({ ...{ currency: 'EUR', name: 'Ada Lovelace', type, details }, ...more });
const IBAN = 'DE89370400440532013000';
const iban = (value: string, more: BankDetails = {}): BankAccount => account('iban', { IBAN: value, ...more });
const uk = (sortCode: string, accountNumber: string): BankAccount =>
  account('sort_code', { sortCode, accountNumber }, { currency: 'GBP' });
const us = (abartn: string): BankAccount =>
  account('aba', { abartn, accountNumber: '12345678', accountType: 'CHECKING' }, { currency: 'USD' });

describe('accountProblems', () => {
  it.each<[string, BankAccount, string[]]>([
    ['a good IBAN', iban(IBAN), []],
    ['one as in a letter', iban('de89 3704 0044 0532 0130 00'), []],
    ['a wrong check digit', iban('DE88370400440532013000'), ['details.IBAN']],
    ['a digit too few', iban('DE8937040044053201300'), ['details.IBAN']],
    ['an unknown country', iban('XX89370400440532013000'), ['details.IBAN']],
    ['10 kB', iban('9'.repeat(10_000)), ['details.IBAN']],
    ['SQL', iban("'; DROP TABLE beneficiaries; --"), ['details.IBAN']],
    ['a good BIC', iban(IBAN, { BIC: 'COBADEFFXXX' }), []],
    ['a bad BIC', iban(IBAN, { BIC: 'COBADE' }), ['details.BIC']],
    ['a bad SWIFT code', account('swift_code', { swiftCode: '12345678', accountNumber: '1' }), ['details.swiftCode']],
    ['a good sort code', uk('04-00-75', '37778842'), []],
    ['a short sort code', uk('04007', '37778842'), ['details.sortCode']],
    ['letters in it', uk('04007a', '37778842'), ['details.sortCode']],
    ['seven digits of an account', uk('040075', '3777884'), ['details.accountNumber']],
    ['a good routing number', us('111000025'), []],
    ['a wrong one', us('111000026'), ['details.abartn']],
    ['nothing of an account', account('iban', { legalType: 'PRIVATE' }), ['details']],
    ['an empty account', iban(' '), ['details']],
  ])('of %s', (_, given, fields) => {
    const problems = accountProblems(given);
    expect(problems.map(({ field }) => field)).toEqual(fields);
    for (const { message } of problems) expect(JSON.stringify(Object.values(given.details))).not.toContain(message);
  });
});

describe('identityText', () => {
  const same: [BankAccount, BankAccount][] = [
    [iban(IBAN), iban('de89 3704 0044 0532 0130 00')],
    [iban(IBAN), iban(IBAN, { legalType: 'BUSINESS', BIC: 'COBADEFFXXX' })],
    [uk('040075', '37778842'), uk('04-00-75', '3777 8842')],
    [
      us('111000025'),
      account('aba', { accountNumber: '12345678', abartn: '111000025' }, { currency: 'USD', name: 'Eve' }),
    ],
  ];
  it.each(same)('is the same for the same account (%#)', (a, b) => {
    expect(identityText(a)).toBe(identityText(b));
  });

  it.each<[BankAccount, BankAccount]>([
    [iban(IBAN), iban('DE02120300000000202051')],
    [uk('040075', '37778842'), uk('040076', '37778842')],
    [us('111000025'), us('021000021')],
    [account('email', { email: 'a@b.example' }), account('email', { email: 'c@b.example' })],
    [
      account('indian', { ifscCode: 'YESB0236041', accountNumber: '1' }),
      account('indian', { ifscCode: 'YESB0236042', accountNumber: '1' }),
    ],
    [account('pix', { pixKey: 'x' }), account('pix', { pixKey: 'y' })],
    [iban(IBAN), account('iban', { IBAN }, { currency: 'USD' })],
  ])('tells accounts apart (%#)', (a, b) => {
    expect(identityText(a)).not.toBe(identityText(b));
  });
});

describe('isSameRecipient', () => {
  const told = { name: 'ADA  LOVELACE', type: 'iban', details: { iban: IBAN, bic: null, address: { city: null } } };
  it.each([
    ['itself, as the provider spells it', told, true],
    ['another holder', { ...told, name: 'Eve' }, false],
    ['another account', { ...told, details: { iban: 'DE02120300000000202051' } }, false],
    ['another kind', { ...told, type: 'email' }, false],
    ['one without details', { ...told, details: {} }, false],
  ])('%s', (_, given, expected) => {
    expect(isSameRecipient(iban(IBAN), given)).toBe(expected);
  });
});

describe('maskedAccount', () => {
  it.each<[BankAccount, string]>([
    [iban(IBAN), 'DE•••••••••3000'],
    [uk('040075', '37774321'), '••••4321'],
    [us('111000025'), '••••5678'],
    [account('x', { accountNumber: '123' }), '••••3'],
    [account('email', { email: 'a@b.example' }), '••••'],
    [account('clabe', { clabe: '032180000118359719' }), '••••9719'],
  ])('shows the end only (%#)', (given, masked) => {
    expect(maskedAccount(given)).toBe(masked);
  });

  it('never shows more than half of what tells the account', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,34}$/), (accountNumber) => {
        const shown = maskedAccount(account('x', { accountNumber })).replace(/^••••/, '');
        expect(shown.length * 2).toBeLessThanOrEqual(accountNumber.length);
        expect(accountNumber.endsWith(shown)).toBe(true);
      }),
    );
  });
});

describe('countryOf', () => {
  it.each<[BankAccount, string | null]>([
    [iban(IBAN), 'DE'],
    [account('iban', { IBAN: 'FR1420041010050500013M02606' }, { currency: 'USD' }), 'FR'],
    [uk('040075', '37778842'), 'GB'],
    [
      account('swift_code', { swiftCode: 'x', accountNumber: '1', address: { country: 'ae' } }, { currency: 'USD' }),
      'AE',
    ],
    [account('email', { email: 'a@b.example' }), null],
  ])('of %#', (given, country) => {
    expect(countryOf(given)).toBe(country);
  });
});
