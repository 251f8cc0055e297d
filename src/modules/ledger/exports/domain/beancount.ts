import { ACCOUNTS, type AccountType } from '../../domain/accounts';
import { majorUnits, type ExportedBalance, type ExportedTransaction } from './exported';

/**
 * The language of Beancount 2 and 3 (beancount.github.io/docs/beancount_language_syntax.html). Its amounts have our sign:
 * debit positive.
 */
const ROOTS = {
  asset: 'Assets',
  liability: 'Liabilities',
  equity: 'Equity',
  income: 'Income',
  expense: 'Expenses',
} as const satisfies Record<AccountType, string>;

/** Before anything is posted. */
const OPENED = '1970-01-01';
const DAY_MS = 86_400_000;

/**
 * Pure: an account's name there: `stripe.clearing`, an asset, is `Assets:Stripe:Clearing`. Parts begin with a capital or a
 * digit and know no underscore.
 */
export function beancountAccount(code: string, type: AccountType): string {
  const parts = code.split('.').map((part) => {
    const name = part.replaceAll('_', '-');
    return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  });
  return [ROOTS[type], ...parts].join(':');
}

/** Pure: in quotes, on one line. */
export function beancountText(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** Writes a journal as it streams by, and knows in the end what every account must stand at. */
export class BeancountWriter {
  private readonly balances = new Map<string, { name: string; currency: string; balance: bigint }>();
  private last: Date | null = null;

  /** @param opening what stood there before the first transaction; it is one of its own, dated `from`. */
  head(opening: readonly ExportedBalance[], from: Date | null): string {
    const accounts = Object.entries(ACCOUNTS).map(
      ([code, { type }]) => `${OPENED} open ${beancountAccount(code, type)}\n  code: ${beancountText(code)}\n`,
    );
    const lines = ['option "title" "Kassa"\n', '\n', ...accounts];
    if (from !== null && opening.length > 0) {
      this.last = from;
      lines.push(`\n${day(from)} * "Opening balances"\n`);
      for (const { account, type, currency, balance } of opening)
        lines.push(this.posting(account, type, balance, currency));
    }
    return lines.join('');
  }

  transaction(transaction: ExportedTransaction): string {
    const { id, ts, type, provider, refId, customerId, idempotencyKey, reversesId, meta, entries } = transaction;
    this.last = ts;
    const said: [string, string | null][] = [
      ['id', id],
      ['ts', ts.toISOString()],
      ['provider', provider],
      ['ref', refId],
      ['customer', customerId],
      ['key', idempotencyKey],
      ['reverses', reversesId],
      ['meta', meta],
    ];
    const metadata = said.flatMap(([key, text]) => (text === null ? [] : [`  ${key}: ${beancountText(text)}\n`]));
    const postings = entries.map((entry) => this.posting(entry.account, entry.type, entry.amount, entry.currency));
    return [`\n${day(ts)} * ${beancountText(type)}\n`, ...metadata, ...postings].join('');
  }

  /** What every account stands at in the end, for the reader to check: such a line holds at the beginning of its day. */
  foot(): string {
    if (this.last === null) return '';
    const next = day(new Date(this.last.getTime() + DAY_MS));
    const lines = [...this.balances.values()].map(
      ({ name, currency, balance }) => `${next} balance ${name}  ${majorUnits(balance, currency)} ${currency}\n`,
    );
    return `\n${lines.join('')}`;
  }

  private posting(account: string, type: string, amount: string, currency: string): string {
    if (!isAccountType(type)) throw new TypeError(`${type} is no type of account`);
    const name = beancountAccount(account, type);
    const key = `${name} ${currency}`;
    const before = this.balances.get(key)?.balance ?? 0n;
    this.balances.set(key, { name, currency, balance: before + BigInt(amount) });
    return `  ${name}  ${majorUnits(amount, currency)} ${currency}\n`;
  }
}

function isAccountType(type: string): type is AccountType {
  return Object.hasOwn(ROOTS, type);
}

/** In UTC, as everywhere. */
function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
