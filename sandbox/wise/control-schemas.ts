import { count, object, text } from '../control/control-schemas';
import { TRIGGERS } from './index';
import { TRANSFER_STATES, type TransferState } from './state';
import type { MoveTerms } from './transfers';

export type MoveInput = MoveTerms & { readonly state: TransferState };

const flag = { type: 'boolean' };
const currency = { type: 'string', pattern: '^[A-Z]{3}$' };
const MOST = 1_000_000_000_000;

/** Money from our own bank, and (negative) back to it; 0 opens the balance. */
export const balanceSchema = object({ currency, amount: count(-MOST, MOST) }, ['currency', 'amount']);
export const chargeSchema = object({ currency, amount: count(1, MOST) }, ['currency', 'amount']);
export const moveSchema = object({ state: { enum: TRANSFER_STATES }, returned: count(0, MOST), reason: text }, [
  'state',
]);
export const fundSchema = { anyOf: [object({}), { type: 'null' }] };
export const policySchema = object({
  strongAuthentication: flag,
  statementAuthentication: flag,
  rejectFunding: { anyOf: [text, { type: 'null' }] },
  quoteLifeSeconds: count(1, 86_400),
  ratesMove: count(-9_000, 90_000),
  progresses: flag,
});
export const restateSchema = object({
  ...{ amount: count(-MOST, MOST), fee: count(0, MOST), at: count(0, 10_000_000_000_000), reference: text, currency },
});
export const subscriptionSchema = object(
  {
    url: { type: 'string', pattern: '^https?://' },
    triggers: { type: 'array', minItems: 1, items: { enum: TRIGGERS } },
    replace: flag,
  },
  ['url'],
);
