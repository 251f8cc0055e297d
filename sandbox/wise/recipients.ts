import { createHash } from 'node:crypto';
import { problems, refused, type Problem } from './api-error';
import type { WiseBook } from './book';
import { fieldsOf, typesOf, valueAt, type Field, type RecipientType } from './recipient-types';
import type { AccountRecord } from './state';

export interface AccountInput {
  readonly currency?: string;
  readonly type?: string;
  readonly profile?: number;
  readonly accountHolderName?: string;
  readonly ownedByCustomer?: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The kinds of recipient of a currency, and what each needs, as `account-requirements` answers. */
export function requirementsOf(currency: string, input: AccountInput = {}): object[] {
  return typesOf(currency).map((one) => ({
    type: one.type,
    title: one.title,
    usageInfo: null,
    fields: fieldsOf(one, input.details ?? {}).map((field) => ({ name: field.name, group: [shown(field)] })),
  }));
}

function shown({ key, name, type, required, refresh, example, minLength, maxLength, pattern, values }: Field): object {
  return {
    ...{ key, name, type, refreshRequirementsOnChange: refresh, required, displayFormat: null, example },
    ...{ minLength, maxLength, validationRegexp: pattern, validationAsync: null, valuesAllowed: values },
  };
}

/** @throws WiseApiError for what it needs and has not, has and cannot have, and for details that no bank has. */
export function createAccount(book: WiseBook, input: AccountInput): AccountRecord {
  const { currency = '', type = '', details = {} } = input;
  const kind = typesOf(currency).find((one) => one.type === type);
  if (!kind) {
    const path = typesOf(currency).length > 0 ? 'type' : 'currency';
    throw invalid({ code: 'NOT_VALID', message: `There is no ${type} account for ${currency}.`, path });
  }
  const wrong = check(kind, { ...details, accountHolderName: input.accountHolderName ?? '' });
  if (wrong.length > 0) throw invalid(...wrong);
  const record: AccountRecord = {
    ...{ id: book.nextId(), currency, type, name: (input.accountHolderName ?? '').trim(), details, active: true },
    ...{ country: countryOf(details), ownedByCustomer: input.ownedByCustomer ?? false },
  };
  book.accounts.set(record.id, record);
  return record;
}

/** @throws WiseApiError (422) where a transfer of this currency cannot go there. */
export function payable(book: WiseBook, id: number, currency: string): AccountRecord {
  const account = book.accounts.get(id);
  if (!account) throw refused('INVALID_RECIPIENT', 'Recipient account does not exist.', 'targetAccount');
  if (!account.active) throw refused('INVALID_RECIPIENT', 'Recipient account is not active.', 'targetAccount');
  if (account.currency !== currency) {
    throw refused('INVALID_RECIPIENT', `Recipient account does not take ${currency}.`, 'targetAccount');
  }
  return account;
}

export function payOutOf({ currency, type }: AccountRecord): string {
  return typesOf(currency).find((one) => one.type === type)?.payOut ?? 'BANK_TRANSFER';
}

/** The same details have the same hash. */
export function hashOf({ currency, type, name, details }: AccountRecord): string {
  return createHash('sha256')
    .update(JSON.stringify([currency, type, name, details]))
    .digest('hex');
}

/** What a bank calls the account by. */
export function numberOf({ details }: AccountRecord): string {
  const number = details['IBAN'] ?? details['accountNumber'] ?? details['clabe'];
  return typeof number === 'string' ? number : '';
}

function invalid(...list: readonly Problem[]): Error {
  return problems(400, ...list);
}

function check(kind: RecipientType, details: Readonly<Record<string, unknown>>): Problem[] {
  const fields = fieldsOf(kind, details);
  const unknown = leaves(details).filter((key) => !fields.some((field) => field.key === key));
  return [
    ...unknown.map((key) => problem('NOT_VALID', `${key} is no field of ${kind.type}.`, key)),
    ...fields.flatMap((field) => checkField(field, valueAt(details, field.key))),
  ];
}

function checkField(
  { key, name, required, minLength, maxLength, pattern, values, ...field }: Field,
  value: unknown,
): Problem[] {
  if (value === undefined || value === null || value === '') {
    return required ? [problem('MISSING', `Please specify: ${name}.`, key)] : [];
  }
  if (typeof value !== 'string') return [problem('NOT_VALID', `${name} is text.`, key)];
  const told = (message: string): Problem[] => [problem('NOT_VALID', message, key, value)];
  if (values && !values.some((one) => one.key === value)) return told(`${name} is not one of the values allowed.`);
  if (minLength !== null && value.length < minLength) return told(`${name} is too short.`);
  if (maxLength !== null && value.length > maxLength) return told(`${name} is too long.`);
  if (pattern !== null && !new RegExp(pattern).test(value)) return told(`${name} has a wrong format.`);
  const message = field.check?.(value) ?? null;
  return message === null ? [] : told(message);
}

function problem(code: string, message: string, path: string, ...values: readonly string[]): Problem {
  return { code, message, path, arguments: [path, ...values] };
}

/** Names of what was given, an object's parts with dots between. */
function leaves(value: Readonly<Record<string, unknown>>, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, one]) =>
    key === 'address' && typeof one === 'object' && one !== null
      ? leaves(one as Record<string, unknown>, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );
}

function countryOf(details: Readonly<Record<string, unknown>>): string | null {
  const iban = details['IBAN'];
  if (typeof iban === 'string') return iban.slice(0, 2).toUpperCase();
  const country = valueAt(details, 'address.country');
  return typeof country === 'string' ? country : null;
}
