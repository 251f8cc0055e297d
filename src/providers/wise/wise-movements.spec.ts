import type { StatementLine } from '../../shared/statement-line';
import type { TransferState } from '../../shared/transfer-payloads';
import { movedAt, readMovedAt, readStatement, toLine, WISE_HOUSE } from './wise-movements';

const DATE = '2026-04-17T07:47:00.227Z';
const AT = new Date(DATE);

interface Told {
  type: string;
  value: number;
  fee?: number;
  kind: string;
  reference: string;
  currency?: string;
}

function statementOf({ type, value, fee = 0, kind, reference, currency = 'EUR' }: Told): unknown {
  const transaction = {
    ...{ type, date: DATE, amount: { value, currency, zero: false }, totalFees: { value: fee, currency, zero: false } },
    ...{ details: { type: kind, description: 'told' }, exchangeDetails: null, referenceNumber: reference },
    runningBalance: { value: 16.01, currency },
  };
  return { accountHolder: {}, transactions: [transaction], endOfStatementBalance: { value: 16.01, currency } };
}

function lineOf(told: Told, states: readonly [string, TransferState][] = []): StatementLine {
  const [movement] = readStatement(statementOf(told));
  if (!movement) throw new Error('one line is one movement');
  return toLine(movement, new Map(states));
}

const SENT: Told = { type: 'DEBIT', value: -7.76, fee: 0.04, kind: 'TRANSFER', reference: 'TRANSFER-34188888' };

describe('a line of a statement', () => {
  it.each<[string, Told, Partial<StatementLine>]>([
    [
      'a transfer that was paid for',
      SENT,
      { kind: 'payout', objectRef: '34188888', gross: -772n, fee: 4n, net: -776n, aggregate: null, currency: 'EUR' },
    ],
    [
      'a transfer that came back',
      { ...SENT, type: 'CREDIT', value: 7.7, fee: 0 },
      { kind: 'payout_failure', objectRef: '34188888', gross: 770n, fee: 0n, net: 770n, aggregate: null },
    ],
    [
      'money from our bank, whose reference looks like a transfer',
      { ...SENT, type: 'CREDIT', value: 200, fee: 0, kind: 'DEPOSIT' },
      { kind: 'deposit', objectRef: 'TRANSFER-34188888', net: 20_000n, aggregate: WISE_HOUSE },
    ],
    [
      'money added by card',
      { ...SENT, type: 'CREDIT', value: 200, fee: 1.5, kind: 'MONEY_ADDED', reference: 'BALANCE-12' },
      { kind: 'deposit', objectRef: 'BALANCE-12', gross: 20_150n, fee: 150n, net: 20_000n },
    ],
    [
      'money back to our bank',
      { ...SENT, value: -50, fee: 0, kind: 'WITHDRAWAL' },
      { kind: 'deposit', objectRef: 'TRANSFER-34188888', net: -5_000n, aggregate: WISE_HOUSE },
    ],
    [
      'what Wise charges',
      { ...SENT, value: -3, fee: 0, kind: 'ACCRUAL_CHARGE', reference: 'BALANCE-9' },
      { kind: 'fee', objectRef: null, net: -300n, aggregate: WISE_HOUSE },
    ],
    [
      'a conversion between balances',
      { ...SENT, kind: 'CONVERSION', reference: 'CONVERSION-1511237' },
      { kind: 'other', objectRef: null, net: -776n },
    ],
    [
      'something that nobody knows yet',
      { ...SENT, kind: 'MOON_LANDING', reference: 'MOON-1' },
      { kind: 'other', objectRef: null },
    ],
    ['yen', { ...SENT, value: -1500, fee: 20, currency: 'JPY' }, { fee: 20n, net: -1_500n, currency: 'JPY' }],
    ['dinars', { ...SENT, value: -1.505, fee: 0.005, currency: 'KWD' }, { fee: 5n, net: -1_505n, currency: 'KWD' }],
  ])('of %s', (_what, told, line) => {
    expect(lineOf(told)).toMatchObject({ ...line, createdAt: AT, paymentRef: null, status: null });
  });

  it('has another name than that of what came back of the same transfer', () => {
    const [sent, back] = [lineOf(SENT), lineOf({ ...SENT, type: 'CREDIT', value: 7.76, fee: 0 })];
    expect(sent.ref).not.toBe(back.ref);
    expect(sent.ref).toBe(`TRANSFER-34188888:debit:${AT.getTime()}`);
  });

  it('says how a transfer stands where it was paid for, and nowhere else', () => {
    const states: [string, TransferState][] = [['34188888', 'bounced_back']];
    const back = { ...SENT, type: 'CREDIT', value: 7.76, fee: 0 };
    const lines = [SENT, back, { ...SENT, kind: 'WITHDRAWAL' }].map((told) => lineOf(told, states));
    expect(lines.map(({ status }) => status)).toEqual(['bounced_back', null, null]);
  });

  it('has a reference that fits into keys', () => {
    expect(lineOf({ ...SENT, kind: 'DEPOSIT', reference: 'BNK:12 34' }).objectRef).toBe('BNK_12_34');
  });

  it.each<[string, unknown]>([
    ['no transactions', {}],
    ['neither side', statementOf({ ...SENT, type: 'SIDEWAYS' })],
    ['part of a cent', statementOf({ ...SENT, value: -7.765 })],
    ['a currency nobody has', statementOf({ ...SENT, currency: 'QQQ' })],
    ['no reference', statementOf({ ...SENT, reference: '' })],
    ['NUL', statementOf({ ...SENT, reference: 'TRANSFER-\u0000' })],
    ['no object', [1]],
  ])('is refused with %s', (_what, body) => {
    expect(() => readStatement(body)).toThrow(expect.objectContaining({ code: 'SCHEMA_VALIDATION' }) as Error);
  });
});

describe('a moment on a balance', () => {
  it('is read as it was written', () => {
    expect(readMovedAt(movedAt('EUR', AT))).toEqual({ currency: 'EUR', at: AT });
  });

  it.each(['', 'EUR', 'EUR@', 'QQQ@1', 'EUR@1.5', 'EUR@999999999999999999', "EUR@1'; --"])('is not %p', (text) => {
    expect(readMovedAt(text)).toBeNull();
  });
});
