import { problems } from './api-error';
import type { WiseBook } from './book';
import { toMajor } from './currencies';
import { balanceOption } from './quotes';
import { numberOf } from './recipients';
import type { BalanceRecord, MovementRecord } from './state';
import { iso } from './wire';

const DAY = 86_400_000;
const LONGEST_MS = 469 * DAY;

export interface StatementQuery {
  readonly currency: string;
  readonly intervalStart: string;
  readonly intervalEnd: string;
  readonly type?: string;
}

/** `statement.json` of a balance, newest line first, one line for each movement, its fee within. @throws WiseApiError (400) */
export function statementOf(book: WiseBook, balance: BalanceRecord, query: StatementQuery): object {
  const { currency, intervalStart, intervalEnd, type = 'COMPACT' } = query;
  const [from, to] = [moment(intervalStart, 'intervalStart'), moment(intervalEnd, 'intervalEnd')];
  if (to < from || to - from > LONGEST_MS) {
    throw problems(400, { code: 'error.interval', message: 'An interval has at most 469 days.', path: 'intervalEnd' });
  }
  if (currency !== balance.currency) {
    throw problems(400, {
      code: 'error.currency',
      message: `The balance is in ${balance.currency}.`,
      path: 'currency',
    });
  }
  if (type !== 'COMPACT') {
    throw problems(400, { code: 'error.type', message: `The sandbox has no ${type} statements.`, path: 'type' });
  }
  const own = book.movements.filter((one) => one.balanceId === balance.id);
  const within = own.filter(({ at }) => at >= from && at <= to);
  const end = own.findLast(({ at }) => at <= to)?.balanceAfter ?? 0;
  return {
    accountHolder: {
      ...{ type: 'BUSINESS', businessName: 'Kassa Sandbox Ltd', registrationNumber: '1234567' },
      address: {
        addressFirstLine: '1 Sandbox Road',
        city: 'London',
        postCode: 'E1 6JJ',
        stateCode: '',
        countryName: 'United Kingdom',
      },
    },
    issuer: {
      name: 'Wise Payments Limited',
      firstLine: '56 Shoreditch High Street',
      city: 'London',
      postCode: 'E1 6JJ',
      stateCode: '',
      country: 'United Kingdom',
    },
    bankDetails: null,
    transactions: within.sort((a, b) => b.at - a.at).map((one) => lineOf(book, one)),
    endOfStatementBalance: { value: toMajor(end, currency), currency, zero: end === 0 },
    query: {
      intervalStart: iso(from),
      intervalEnd: iso(to),
      type,
      currency,
      profileId: book.profileId,
      accountId: balance.id,
    },
  };
}

function lineOf(book: WiseBook, movement: MovementRecord): object {
  const { amount, fee, currency, at, balanceAfter, reference } = movement;
  const money = (minor: number): object => ({ value: toMajor(minor, currency), currency, zero: minor === 0 });
  return {
    ...{ type: amount < 0 ? 'DEBIT' : 'CREDIT', date: iso(at), amount: money(amount), totalFees: money(fee) },
    ...{ details: detailsOf(book, movement), exchangeDetails: exchangeOf(book, movement) },
    ...{
      runningBalance: money(balanceAfter),
      referenceNumber: reference,
      attachment: null,
      activityAssetAttributions: [],
    },
  };
}

function detailsOf(book: WiseBook, { kind, transferId }: MovementRecord): object {
  if (kind === 'deposit') {
    const from = {
      senderName: 'Kassa Sandbox Ltd',
      senderAccount: 'GB29NWBK60161331926819',
      paymentReference: 'top up',
    };
    return { type: 'DEPOSIT', description: 'Received money from Kassa Sandbox Ltd with reference top up', ...from };
  }
  if (kind === 'withdrawal') return { type: 'WITHDRAWAL', description: 'Sent money to Kassa Sandbox Ltd' };
  if (kind === 'charge') return { type: 'ACCRUAL_CHARGE', description: 'Wise charge' };
  const transfer = book.transfer(transferId ?? 0);
  const account = book.account(transfer.targetAccount);
  const paymentReference = transfer.details['reference'] ?? '';
  if (kind === 'refund') {
    return { type: 'TRANSFER', description: `Refund of the transfer to ${account.name}`, paymentReference };
  }
  const recipient = { name: account.name, bankAccount: numberOf(account) };
  return { type: 'TRANSFER', description: `Sent money to ${account.name}`, recipient, paymentReference };
}

function exchangeOf(book: WiseBook, { kind, transferId }: MovementRecord): object | null {
  if (kind !== 'transfer') return null;
  const quote = book.quote(book.transfer(transferId ?? 0).quoteId);
  if (quote.source === quote.target) return null;
  const { sourceAmount, fee, targetAmount } = balanceOption(quote);
  const money = (minor: number, currency: string): object => ({ value: toMajor(minor, currency), currency });
  return {
    toAmount: money(targetAmount, quote.target),
    fromAmount: money(sourceAmount - fee, quote.source),
    rate: quote.rate / 1e8,
  };
}

function moment(text: string, path: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw problems(400, { code: 'error.date', message: `${path} is no ISO 8601 date.`, path });
  return at;
}
