import { ValidateBy } from 'class-validator';
import type { BankDetails } from '../domain/bank-account';

const MOST_FIELDS = 40;
const LONGEST = 255;
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Texts under the provider's names; an address is nested, one level. What is said of a wrong one never quotes it. */
export const IsBankDetails = (): PropertyDecorator =>
  ValidateBy({
    name: 'isBankDetails',
    validator: {
      validate: isBankDetails,
      defaultMessage: () =>
        `$property must be an object of up to ${MOST_FIELDS} texts of up to ${LONGEST} characters, as the provider requires them`,
    },
  });

/** Pure: the same of a value that no body carries. */
export function isBankDetails(value: unknown): value is BankDetails {
  return isDetails(value, true);
}

function isDetails(value: unknown, mayNest: boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length > 0 &&
    entries.length <= MOST_FIELDS &&
    entries.every(([key, item]) => KEY.test(key) && (isText(item) || (mayNest && isDetails(item, false))))
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= LONGEST && !/\p{Cc}/u.test(value);
}
