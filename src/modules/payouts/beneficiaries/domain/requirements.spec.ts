import type { RequiredField } from '../../../../providers/wise';
import type { BankAccount } from './bank-account';
import { requirementProblems } from './requirements';

const field = (key: string, more: Partial<RequiredField> = {}): RequiredField => ({
  ...{ key, name: key, required: true, type: 'text', example: null, minLength: null, maxLength: null },
  ...{ validationRegexp: null, refreshRequirementsOnChange: false, valuesAllowed: null },
  ...more,
});
const LEGAL = [
  { key: 'PRIVATE', name: 'Person' },
  { key: 'BUSINESS', name: 'Business' },
];
const account = (details: BankAccount['details'], more: Partial<BankAccount> = {}): BankAccount => ({
  ...{ currency: 'USD', type: 'aba', name: 'Ada Lovelace', details },
  ...more,
});
const fieldsOf = (fields: RequiredField[], given: BankAccount): string[] =>
  requirementProblems([{ type: 'aba', title: 'ACH', fields }], given).map((problem) => problem.field);

describe('requirementProblems', () => {
  it.each<[string, RequiredField, BankAccount['details'], string[]]>([
    ['what is missing', field('abartn'), {}, ['details.abartn']],
    ['what may be missing', field('abartn', { required: false }), {}, []],
    ['a field of the address', field('address.city'), { address: { country: 'US' } }, ['details.address.city']],
    ['an address that is a text', field('address.city'), { address: 'x' }, ['details.address.city']],
    ['an address that is there', field('address.city'), { address: { city: 'Ely' } }, []],
    ['an own property only', field('constructor'), {}, ['details.constructor']],
    ['too short', field('x', { minLength: 3 }), { x: 'ab' }, ['details.x']],
    ['too long', field('x', { maxLength: 1 }), { x: 'ab' }, ['details.x']],
    ['not allowed', field('legalType', { valuesAllowed: LEGAL }), { legalType: 'GHOST' }, ['details.legalType']],
    ['allowed', field('legalType', { valuesAllowed: LEGAL }), { legalType: 'PRIVATE' }, []],
    ['another form', field('x', { validationRegexp: '^\\d+$' }), { x: 'ab' }, ['details.x']],
    ['the form', field('x', { validationRegexp: '^\\d+$' }), { x: '12' }, []],
    ['a form of another language', field('x', { validationRegexp: '^(?<=' }), { x: 'ab' }, []],
    ["the holder's name", field('accountHolderName', { validationRegexp: '^[A-Z]+$' }), {}, ['name']],
  ])('names %s', (_, required, details, expected) => {
    expect(fieldsOf([required], account(details))).toEqual(expected);
  });

  it('names the kinds of account there are, and never what was given', () => {
    const given = account({ x: 'secret' }, { type: 'iban' });
    expect(requirementProblems([{ type: 'aba', title: 'ACH', fields: [] }], given)).toEqual([
      { field: 'type', message: 'must be one of aba for this currency' },
    ]);
    const refused = requirementProblems(
      [{ type: 'aba', title: 'ACH', fields: [field('x', { validationRegexp: '^\\d+$' })] }],
      account({ x: 'secret' }),
    );
    expect(JSON.stringify(refused)).not.toContain('secret');
  });
});
