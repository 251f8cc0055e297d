import fc from 'fast-check';
import { isBankDetails } from '../../beneficiaries/dto/is-bank-details';
import { MOST_LINES, readBatchFile, UnreadableFile, type RawLine } from './batch-file';
import { readLine } from './batch-line';

const HEADER = 'beneficiary_id,source_currency,amount,currency,reference';
const csv = (...rows: string[]): RawLine[] => readBatchFile('csv', [HEADER, ...rows].join('\n'));
const LINE = {
  beneficiaryId: 'bnf_1',
  sourceCurrency: 'USD',
  amount: '12.50',
  currency: 'EUR',
  reference: 'Invoice 7',
};

describe('readBatchFile', () => {
  it('reads CSV and JSON lines alike', () => {
    expect(csv('bnf_1,USD,12.50,EUR,Invoice 7', '')).toEqual([LINE]);
    expect(readBatchFile('jsonl', `${JSON.stringify(LINE)}\n\n`)).toEqual([LINE]);
  });

  it('reads quotes, a byte order mark, Windows lines and nested details', () => {
    const text =
      '\ufeffname,type,details.IBAN,details.address.city,details.address.country,amount\r\n"Lovelace, Ada",iban,DE89,Ely,GB,"1"\r\n';
    const details = { IBAN: 'DE89', address: { city: 'Ely', country: 'GB' } };
    expect(readBatchFile('csv', text)).toEqual([{ name: 'Lovelace, Ada', type: 'iban', details, amount: '1' }]);
  });

  it.each<[string, 'csv' | 'jsonl', string]>([
    ['nothing', 'csv', ''],
    ['a header alone', 'csv', HEADER],
    ['no JSON lines', 'jsonl', '\n \n'],
    ['an unknown column', 'csv', 'iban\nDE89'],
    ['a column twice', 'csv', 'amount,amount\n1,2'],
    ['a prototype', 'csv', 'details.__proto__\nx'],
    ['an open quote', 'csv', `${HEADER}\n"bnf_1,USD`],
    ['no JSON', 'jsonl', 'bnf_1'],
    ['a list', 'jsonl', '[]'],
    ['too many lines', 'csv', `${HEADER}\n${'bnf_1,USD,1,EUR,x\n'.repeat(MOST_LINES + 1)}`],
    ['too many JSON lines', 'jsonl', '{}\n'.repeat(MOST_LINES + 1)],
  ])('refuses %s', (_, kind, text) => {
    expect(() => readBatchFile(kind, text)).toThrow(UnreadableFile);
  });

  it('takes as many lines as there may be', () => {
    expect(readBatchFile('csv', `${HEADER}\n${'bnf_1,USD,1,EUR,x\n'.repeat(MOST_LINES)}`)).toHaveLength(MOST_LINES);
  });

  it('reads any text or refuses it in words that do not quote it', () => {
    fc.assert(
      fc.property(fc.constantFrom('csv', 'jsonl'), fc.string({ unit: 'binary' }), (kind, text) => {
        try {
          for (const line of readBatchFile(kind, text)) readLine(line, isBankDetails);
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableFile);
        }
      }),
    );
  });
});

describe('readLine', () => {
  const fieldsOf = (raw: RawLine): string[] => {
    const read = readLine(raw, isBankDetails);
    return 'line' in read ? [] : [...new Set(read.problems.map(({ field }) => field))];
  };
  const inline = { name: 'Ada Lovelace', type: 'iban', details: { IBAN: 'DE89 3704 0044 0532 0130 00' } };
  const payee = (more: RawLine): RawLine => ({ ...LINE, beneficiaryId: undefined, ...inline, ...more });

  it.each<[string, RawLine, string]>([
    ['12.50 EUR', LINE, '1250'],
    ['12.5 EUR', { ...LINE, amount: '12.5' }, '1250'],
    ['1250 JPY', { ...LINE, amount: '1250', currency: 'jpy' }, '1250'],
    ['1.125 KWD', { ...LINE, amount: '1.125', currency: 'KWD' }, '1125'],
  ])('makes minor units of %s', (_, raw, amount) => {
    expect(readLine(raw, isBankDetails)).toMatchObject({ line: { amount } });
  });

  it.each<[string, RawLine, string[]]>([
    ['a whole line', LINE, []],
    ['one with an account', payee({}), []],
    ['nothing', {}, ['sourceCurrency', 'currency', 'reference', 'name', 'type', 'details']],
    ['no amount', { ...LINE, amount: '0' }, ['amount']],
    ['a negative one', { ...LINE, amount: '-1' }, ['amount']],
    ['too many decimals', { ...LINE, amount: '1.001' }, ['amount']],
    ['decimals of yen', { ...LINE, amount: '1.5', currency: 'JPY' }, ['amount']],
    ['a number', { ...LINE, amount: 12.5 }, ['amount']],
    ['an exponent', { ...LINE, amount: '1e3' }, ['amount']],
    ['a comma', { ...LINE, amount: '1,000.00' }, ['amount']],
    ['2^53 cents', { ...LINE, amount: '90071992547409.92' }, ['amount']],
    ['an unknown currency', { ...LINE, currency: 'EUX' }, ['currency']],
    ['a long reference', { ...LINE, reference: 'x'.repeat(141) }, ['reference']],
    ['a reference of two lines', { ...LINE, reference: 'a\nb' }, ['reference']],
    ['a bad IBAN', payee({ details: { IBAN: 'DE00370400440532013000' } }), ['details.IBAN']],
    [
      'a bad sort code',
      payee({ type: 'sort_code', details: { sortCode: '1', accountNumber: '12345678' } }),
      ['details.sortCode'],
    ],
    ['details that are a text', payee({ details: 'DE89' }), ['details']],
    ['both an id and an account', { ...LINE, ...inline }, ['beneficiaryId']],
    ['an id with blanks', { ...LINE, beneficiaryId: "x' OR 1=1" }, ['beneficiaryId']],
    ['an unknown field', { ...LINE, fee: '1' }, ['line']],
    ['more values than columns', csv('bnf_1,USD,12.50,EUR,x,y')[0] ?? {}, ['line']],
  ])('names what is wrong with %s', (_, raw, fields) => {
    expect(fieldsOf(raw)).toEqual(fields);
  });
});
