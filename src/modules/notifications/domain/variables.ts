import { isCurrency } from '../../../shared/currency';
import { amountFromJson, formatMoney, money, type MoneyJson } from '../../../shared/money';
import { parseInstant } from '../../../shared/instant';

/** What a variable holds, as JSON: money is minor units and a currency, a date is ISO 8601, a flag is for `{{#if}}` only. */
export const KINDS = ['text', 'money', 'date', 'days', 'count', 'url', 'flag'] as const;
export type Kind = (typeof KINDS)[number];
/** With a question mark it may be null. */
export type VariableKind = Kind | `${Kind}?`;
export type Declared = Readonly<Record<string, VariableKind>>;

type ValueOf<K> = K extends `${infer Known}?`
  ? ValueOf<Known> | null
  : K extends 'money'
    ? MoneyJson
    : K extends 'days' | 'count'
      ? number
      : K extends 'flag'
        ? boolean
        : string;
/** What a template needs to be told. */
export type ValuesOf<D extends Declared> = { readonly [Name in keyof D]: ValueOf<D[Name]> };
export type Values = Readonly<Record<string, unknown>>;

export interface VariableProblems {
  readonly missing: string[];
  readonly unknown: string[];
  readonly wrong: { readonly name: string; readonly message: string }[];
}

const MAX_TEXT = 500;
const MAX_URL = 2_048;

/** Pure: what is wrong with values for these variables; null where nothing is. */
export function problemsOf(declared: Declared, values: Values): VariableProblems | null {
  const given = Object.keys(values);
  const missing = Object.keys(declared).filter((name) => !Object.hasOwn(values, name) || values[name] === undefined);
  const unknown = given.filter((name) => !Object.hasOwn(declared, name));
  const wrong = Object.entries(declared).flatMap(([name, kind]) => {
    const message = missing.includes(name) ? null : problemOf(kind, values[name]);
    return message === null ? [] : [{ name, message }];
  });
  return missing.length + unknown.length + wrong.length === 0 ? null : { missing, unknown, wrong };
}

function problemOf(declared: VariableKind, value: unknown): string | null {
  if (value === null) return declared.endsWith('?') ? null : 'must not be null';
  switch (kindOf(declared)) {
    case 'text':
      return typeof value === 'string' && value.length <= MAX_TEXT
        ? null
        : `must be a text of up to ${MAX_TEXT} characters`;
    case 'days':
      return Number.isSafeInteger(value) && (value as number) >= 0 ? null : 'must be a whole number of days';
    case 'count':
      return Number.isSafeInteger(value) && (value as number) >= 0 ? null : 'must be a whole number';
    case 'date':
      return typeof value === 'string' && parseInstant(value) ? null : 'must be an ISO 8601 date or time';
    case 'flag':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'url':
      return isLink(value) ? null : 'must be an http(s) address';
    case 'money':
      return isMoney(value) ? null : 'must be {amount, currency}: minor units and a code of ISO 4217';
  }
}

function kindOf(declared: VariableKind): Kind {
  return declared.replace('?', '') as Kind;
}

function isLink(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MAX_URL || !URL.canParse(value)) return false;
  return ['https:', 'http:'].includes(new URL(value).protocol);
}

function isMoney(value: unknown): value is MoneyJson {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false;
  const { amount, currency } = value as Record<string, unknown>;
  return Number.isSafeInteger(amount) && isCurrency(currency);
}

/**
 * Pure: each value as it is written for people. Null stays null, for `{{#if}}`.
 * @param locale BCP 47. @param timeZone IANA: days are those of the reader.
 */
export function written(
  declared: Declared,
  values: Values,
  locale: string,
  timeZone: string,
): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, kind]) => {
      const value = values[name];
      return [name, value === null ? null : write(kindOf(kind), value, locale, timeZone)];
    }),
  );
}

function write(kind: Kind, value: unknown, locale: string, timeZone: string): string {
  switch (kind) {
    case 'flag':
      // Empty is false to Handlebars.
      return value === true ? 'true' : '';
    case 'money': {
      const { amount, currency } = value as MoneyJson;
      return formatMoney(money(amountFromJson(amount), currency), locale);
    }
    case 'date':
      return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone }).format(new Date(value as string));
    case 'days':
      return new Intl.NumberFormat(locale, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(value as number);
    case 'count':
      return new Intl.NumberFormat(locale).format(value as number);
    case 'url':
      return new URL(value as string).href;
    case 'text':
      // A line break would end a header of the mail, and a line of its text.
      return (value as string).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  }
}
