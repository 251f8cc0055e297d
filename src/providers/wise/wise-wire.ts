import { TRANSFER_STATES, type TransferState } from '../../shared/transfer-payloads';
import type { Currency } from '../../shared/currency';
import type { Money } from '../../shared/money';
import { amountOutOfRange, unreadable, unsupportedCorridor } from './wise-errors';
import { amountFromWise, currencyFromWise, moneyFromWise, plainDecimal } from './wise-money';
import { idOf, isUuid, listOf, momentOf, recordOf, textOf, textOrNull, uuidOf, type Told } from './wise-shape';

export interface WiseQuote {
  quoteRef: string;
  /** Target per source: a decimal. */
  rate: string;
  /** Leaves the balance, the fee included. */
  source: Money;
  /** In the source's currency, contained in it. */
  fee: Money;
  target: Money;
  expiresAt: Date;
}

/** What a field of a recipient is asked for with. */
export interface RequiredField {
  key: string;
  name: string;
  required: boolean;
  type: 'text' | 'select' | 'radio' | 'date';
  example: string | null;
  minLength: number | null;
  maxLength: number | null;
  validationRegexp: string | null;
  refreshRequirementsOnChange: boolean;
  valuesAllowed: { key: string; name: string }[] | null;
}

/** One way to reach a recipient, and what Wise needs to know for it. */
export interface RecipientRequirement {
  type: string;
  title: string;
  fields: RequiredField[];
}

export interface WiseRecipient {
  recipientRef: string;
  name: string;
  /** As it was created with: `iban`, `sort_code`. */
  type: string;
  details: Record<string, unknown>;
}

export interface WiseTransfer {
  transferRef: string;
  /** Null where it was not made by us, or by nobody who says a UUID. */
  customerTransactionId: string | null;
  state: TransferState;
  quoteRef: string;
  sourceCurrency: Currency;
  createdAt: Date;
}

export interface WiseBalance {
  balanceRef: string;
  currency: Currency;
  available: Money;
}

const PAY_IN = 'BALANCE';
const FIELD_TYPES = ['text', 'select', 'radio', 'date'] as const;
const AMOUNT = /amount|limit/i;

/**
 * The price of paying from our balance. @throws UNSUPPORTED_CORRIDOR, AMOUNT_OUT_OF_RANGE where Wise does not offer that;
 * SCHEMA_VALIDATION.
 */
export function readQuote(body: unknown): WiseQuote {
  const quote = recordOf(body, 'quote');
  const options = listOf(quote['paymentOptions'], 'quote').map((option) => recordOf(option, 'quote'));
  const payOut = quote['payOut'];
  const fromBalance = options.filter((option) => option['payIn'] === PAY_IN);
  // How it is paid out depends on the recipient; Wise says at the top which of the options that is.
  const ofPayOut = fromBalance.filter((option) => payOut === undefined || option['payOut'] === payOut);
  const option = ofPayOut.find(({ disabled }) => disabled !== true);
  if (!option) throw notOffered(ofPayOut[0] ?? fromBalance[0]);
  const notices = listOf(quote['notices'] ?? [], 'quote').map((notice) => recordOf(notice, 'quote'));
  if (notices.some(({ type }) => type === 'BLOCKED')) throw unsupportedCorridor({ reason: 'blocked' });
  const [from, to] = [currencyIn(quote, 'sourceCurrency'), currencyIn(quote, 'targetCurrency')];
  return {
    quoteRef: uuidOf(quote['id'], 'quote'),
    rate: plainDecimal(quote['rate']),
    source: moneyFromWise(option['sourceAmount'], from),
    fee: moneyFromWise(recordOf(option['fee'], 'quote')['total'], from),
    target: moneyFromWise(option['targetAmount'], to),
    expiresAt: momentOf(quote['expirationTime'], 'quote'),
  };
}

function notOffered(option: Told | undefined): Error {
  const why = recordOf(option?.['disabledReason'] ?? {}, 'quote');
  const reason = textOrNull(why['code']);
  return reason !== null && AMOUNT.test(reason) ? amountOutOfRange({ reason }) : unsupportedCorridor({ reason });
}

export function readRequirements(body: unknown): RecipientRequirement[] {
  return listOf(body, 'requirements').map((one) => {
    const { type, title, fields } = recordOf(one, 'requirements');
    return {
      type: textOf(type, 'requirements'),
      title: textOrNull(title) ?? textOf(type, 'requirements'),
      fields: listOf(fields, 'requirements').flatMap((field) =>
        listOf(recordOf(field, 'requirements')['group'], 'requirements').map(readField),
      ),
    };
  });
}

function readField(value: unknown): RequiredField {
  const field = recordOf(value, 'requirements');
  const { required, refreshRequirementsOnChange: refresh, valuesAllowed } = field;
  return {
    key: textOf(field['key'], 'requirements'),
    name: textOrNull(field['name']) ?? textOf(field['key'], 'requirements'),
    required: required === true,
    // What Wise may show one day that is none of these is asked for as text.
    type: FIELD_TYPES.find((type) => type === field['type']) ?? 'text',
    example: textOrNull(field['example']),
    minLength: lengthOf(field['minLength']),
    maxLength: lengthOf(field['maxLength']),
    validationRegexp: textOrNull(field['validationRegexp']),
    refreshRequirementsOnChange: refresh === true,
    valuesAllowed: Array.isArray(valuesAllowed) ? valuesAllowed.flatMap(readAllowed) : null,
  };
}

/** Wise lists `Choose ...` with an empty key among them, which nobody may choose. */
function readAllowed(value: unknown): { key: string; name: string }[] {
  const { key, name } = recordOf(value, 'requirements');
  return typeof key === 'string' && key !== '' ? [{ key, name: textOrNull(name) ?? key }] : [];
}

function lengthOf(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

export function readRecipientRef(body: unknown): { recipientRef: string } {
  return { recipientRef: idOf(recordOf(body, 'recipient')['id'], 'recipient') };
}

/** Whether it may still be paid. */
export function readIsActive(body: unknown): boolean {
  return recordOf(body, 'recipient')['active'] !== false;
}

/** A page of recipients; `next` asks for the one after it. */
export function readRecipients(body: unknown): { items: WiseRecipient[]; next: string | null } {
  const { content, seekPositionForNext: next } = recordOf(body, 'recipients');
  const items = listOf(content, 'recipients').map((one) => {
    const recipient = recordOf(one, 'recipient');
    return {
      ...readRecipientRef(recipient),
      name: textOrNull(recordOf(recipient['name'] ?? {}, 'recipient')['fullName']) ?? '',
      type: snakeCase(textOf(recipient['type'], 'recipient')),
      details: { ...recordOf(recipient['details'] ?? {}, 'recipient') },
    };
  });
  return { items, next: next === undefined || next === null || next === 0 ? null : idOf(next, 'recipients') };
}

/** A list names `SortCode` what was created as `sort_code`. */
function snakeCase(type: string): string {
  return type.replace(/(?<=[a-z\d])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

export function readTransfer(body: unknown): WiseTransfer {
  const transfer = recordOf(body, 'transfer');
  const { customerTransactionId, status, quoteUuid, sourceCurrency } = transfer;
  const ours = typeof customerTransactionId === 'string' && isUuid(customerTransactionId);
  return {
    transferRef: idOf(transfer['id'], 'transfer'),
    customerTransactionId: ours ? customerTransactionId.toLowerCase() : null,
    state: transferStateOf(status) ?? unknownState(status),
    quoteRef: typeof quoteUuid === 'string' ? quoteUuid.toLowerCase() : '',
    sourceCurrency: currencyFromWise(textOf(sourceCurrency, 'transfer')),
    createdAt: timeOf(transfer['created']),
  };
}

/** Wise writes `2017-11-24 10:47:49`, in UTC, as well as ISO 8601. */
function timeOf(created: unknown): Date {
  const text = textOf(created, 'transfer');
  return momentOf(/^[\d-]{10} [\d:]{8}$/.test(text) ? `${text.replace(' ', 'T')}Z` : text, 'transfer');
}

/** Null for one that Wise has got since this was written. */
export function transferStateOf(status: unknown): TransferState | null {
  return TRANSFER_STATES.find((state) => state === status) ?? null;
}

function unknownState(status: unknown): never {
  throw unreadable("transfer's status", { status: textOrNull(status)?.slice(0, 64) ?? null });
}

/** Those of a list that were made by us, and by the key we gave them. Whatever else they are is not looked at. */
export function readTransferRefs(body: unknown): { all: number; refOf: ReadonlyMap<string, string> } {
  const all = listOf(body, 'transfers').map((one) => recordOf(one, 'transfer'));
  const ours = all.filter(({ customerTransactionId: id }) => typeof id === 'string' && isUuid(id));
  const pairs = ours.map(({ id, customerTransactionId: key }) => [key as string, idOf(id, 'transfer')] as const);
  return { all: all.length, refOf: new Map(pairs) };
}

/** How each of a list stands, by its id; one in a state that Wise has got since is left out. */
export function readTransferStates(body: unknown): { all: number; states: [ref: string, state: TransferState][] } {
  const all = listOf(body, 'transfers').map((one) => recordOf(one, 'transfer'));
  const states = all.flatMap(({ id, status }): [string, TransferState][] => {
    const state = transferStateOf(status);
    return state ? [[idOf(id, 'transfer'), state]] : [];
  });
  return { all: all.length, states };
}

export function readFunding(body: unknown): { status: 'completed' | 'rejected'; errorCode: string | null } {
  const { status, errorCode } = recordOf(body, 'funding');
  if (status !== 'COMPLETED' && status !== 'REJECTED') throw unreadable('funding');
  return { status: status === 'COMPLETED' ? 'completed' : 'rejected', errorCode: textOrNull(errorCode) };
}

/** How often a transfer was paid for. */
export function readPaymentCount(body: unknown): number {
  return listOf(body, 'payments').length;
}

/** Balances that may be spent by us: one per currency. */
export function readBalances(body: unknown): WiseBalance[] {
  return listOf(body, 'balances').flatMap((one) => {
    const balance = recordOf(one, 'balance');
    if (balance['type'] !== 'STANDARD') return [];
    const { value, currency } = recordOf(balance['amount'], 'balance');
    const available = amountFromWise({ value, currency: textOf(currency, 'balance') });
    return [{ balanceRef: idOf(balance['id'], 'balance'), currency: available.currency, available }];
  });
}

function currencyIn(record: Told, name: string): Currency {
  return currencyFromWise(textOf(record[name], 'quote'));
}
