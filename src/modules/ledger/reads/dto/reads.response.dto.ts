import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../../shared/money';
import type { AccountStatement, BalancedLine } from '../account-statement.service';
import type { StreamEntry } from '../ledger-stream.repository';

const MINOR_UNITS = 'Minor units; debit positive, credit negative';

export class EntryLineResponse {
  @ApiProperty({ example: 'customer.receivable' })
  account!: string;

  @ApiProperty({ description: MINOR_UNITS, example: 2900 })
  amount!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;
}

export class LedgerEntryResponse {
  @ApiProperty({ example: 'jtx_01jd…', description: 'Begins with jtx_ for journal transactions, with fact_ for facts' })
  id!: string;

  @ApiProperty({ format: 'date-time', description: 'When it happened, by the provider’s clock' })
  ts!: string;

  @ApiProperty({ example: 'invoice.paid' })
  type!: string;

  @ApiProperty({ example: 'inv_01jd…' })
  refId!: string;

  @ApiProperty({ example: 'stripe' })
  provider!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 2900,
    description: 'Minor units: what moved, or what the fact says; null where that is in several currencies or none',
  })
  amount!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'cust_01jd…', description: "Our customer's id" })
  uid!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  meta!: Record<string, unknown>;

  @ApiProperty({ type: [EntryLineResponse], description: 'None for facts' })
  entries!: EntryLineResponse[];
}

export class LedgerEntryList {
  @ApiProperty({ type: [LedgerEntryResponse] })
  data!: LedgerEntryResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class StatementLineResponse {
  @ApiProperty({ example: 'jtx_01jd…' })
  id!: string;

  @ApiProperty({ format: 'date-time' })
  ts!: string;

  @ApiProperty({ example: 'invoice.paid' })
  type!: string;

  @ApiProperty({ example: 'inv_01jd…' })
  refId!: string;

  @ApiProperty({ example: 'stripe' })
  provider!: string;

  @ApiProperty({ type: String, nullable: true, example: 'cust_01jd…' })
  customerId!: string | null;

  @ApiProperty({ description: MINOR_UNITS, example: -2900 })
  amount!: number;

  @ApiProperty({ description: 'Of the account, behind this line', example: 0 })
  balance!: number;
}

export class StatementResponse {
  @ApiProperty({ example: 'customer.receivable' })
  account!: string;

  @ApiProperty({ enum: ['asset', 'liability', 'equity', 'income', 'expense'] })
  type!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ description: `Of the period. ${MINOR_UNITS}`, example: 2900 })
  openingBalance!: number;

  @ApiProperty({ description: `Of the period. ${MINOR_UNITS}`, example: 0 })
  closingBalance!: number;

  @ApiProperty({ type: [StatementLineResponse], description: 'Oldest first' })
  data!: StatementLineResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

/** Leads to the provider's page with the customer's name on it, and is nothing of the books. */
const LINKS = new Set(['hostedUrl', 'pdfUrl']);

export function toLedgerEntry(entry: StreamEntry): LedgerEntryResponse {
  const { id, ts, type, refId, provider, uid } = entry;
  const meta = Object.fromEntries(Object.entries(entry.meta).filter(([name]) => !LINKS.has(name)));
  const entries = entry.entries.map((line) => ({ ...line, amount: amountToJson(BigInt(line.amount)) }));
  const moved = entries.length > 0 ? movedBy(entry.entries) : saidBy(meta);
  return { id, ts: ts.toISOString(), type, refId, provider, ...moved, uid, meta, entries };
}

/** The sum of what is debited, where there is one currency. */
function movedBy(entries: StreamEntry['entries']): Pick<LedgerEntryResponse, 'amount' | 'currency'> {
  const currency = entries[0]?.currency ?? null;
  if (entries.some((line) => line.currency !== currency)) return { amount: null, currency: null };
  const amounts = entries.map(({ amount }) => BigInt(amount)).filter((amount) => amount > 0n);
  return { amount: amountToJson(amounts.reduce((sum, amount) => sum + amount, 0n)), currency };
}

/** An invoice says its total, a payment its amount; a subscription is no movement. */
function saidBy({
  amount,
  total,
  currency,
}: Record<string, unknown>): Pick<LedgerEntryResponse, 'amount' | 'currency'> {
  const said = amount ?? total;
  return typeof said === 'number' && typeof currency === 'string'
    ? { amount: said, currency }
    : { amount: null, currency: null };
}

export function toStatement(
  statement: AccountStatement,
  page: { data: readonly StatementLineResponse[]; nextCursor: string | null },
): StatementResponse {
  const { account, type, currency, opening, closing } = statement;
  const balances = { openingBalance: amountToJson(opening), closingBalance: amountToJson(closing) };
  return { account, type, currency, ...balances, data: [...page.data], nextCursor: page.nextCursor };
}

export function toStatementLine({ ts, amount, balance, ...line }: BalancedLine): StatementLineResponse {
  return { ...line, ts: ts.toISOString(), amount: amountToJson(amount), balance: amountToJson(balance) };
}
