import type { RecipientRequirement, RequiredField } from '../../../../providers/wise';
import type { AccountProblem, BankAccount } from './bank-account';

const MOST_NAMED = 20;

/**
 * Pure: what the provider would refuse of an account, by what it says it needs of this kind on this route. Fields that it has not
 * named are let through: some it asks for only once it knows others, and it has the last word. @param account normalised.
 */
export function requirementProblems(
  requirements: readonly RecipientRequirement[],
  account: BankAccount,
): AccountProblem[] {
  const wanted = requirements.find(({ type }) => type === account.type);
  if (!wanted) {
    const types = requirements.map(({ type }) => type);
    return [{ field: 'type', message: `must be one of ${types.slice(0, MOST_NAMED).join(', ')} for this currency` }];
  }
  return wanted.fields.flatMap((field) => {
    const message = problemOf(field, valueOf(account, field.key));
    return message === null ? [] : [{ field: pathOf(field.key), message }];
  });
}

const HOLDER = 'accountHolderName';

/** Pure: where a field of the provider's stands in a request of ours. */
export function pathOf(key: string): string {
  return key === HOLDER ? 'name' : `details.${key}`;
}

function valueOf({ name, details }: BankAccount, key: string): string {
  if (key === HOLDER) return name;
  const [first = '', second] = key.split('.');
  const found = Object.hasOwn(details, first) ? details[first] : undefined;
  if (second === undefined) return typeof found === 'string' ? found : '';
  if (typeof found !== 'object' || !Object.hasOwn(found, second)) return '';
  return found[second] ?? '';
}

function problemOf(field: RequiredField, value: string): string | null {
  if (value === '') return field.required ? `is required: ${field.name}` : null;
  const { minLength, maxLength, validationRegexp, valuesAllowed } = field;
  if (minLength !== null && value.length < minLength) return `must have ${minLength} characters at least`;
  if (maxLength !== null && value.length > maxLength) return `must have ${maxLength} characters at most`;
  if (valuesAllowed !== null && !valuesAllowed.some(({ key }) => key === value)) {
    const keys = valuesAllowed.slice(0, MOST_NAMED).map(({ key }) => key);
    return `must be one of ${keys.join(', ')}${valuesAllowed.length > MOST_NAMED ? ', ...' : ''}`;
  }
  const pattern = validationRegexp === null ? null : compiled(validationRegexp);
  return pattern === null || pattern.test(value) ? null : `is not of the form of ${field.name}`;
}

/** Null for what is no expression here: it is written for another language, and the provider checks it itself in the end. */
function compiled(source: string): RegExp | null {
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags);
    } catch {
      continue;
    }
  }
  return null;
}
