import { columns } from './columns';
import { money } from './format';
import type { Plan } from './kassa-api';

const CYCLES = { monthly: 'month', annual: 'year' };

/** What is for sale, a line each. */
export function planLines(plans: readonly Plan[]): string[] {
  const rows = plans.map(({ code, description, prices, trialDays }) => [
    code,
    ...(['monthly', 'annual'] as const).map((cycle) => {
      const price = prices.find(({ billingCycle }) => billingCycle === cycle);
      return price ? `${money(price.amount, price.currency)}/${CYCLES[cycle]}` : '';
    }),
    trialDays > 0 ? `${trialDays} days free` : 'no trial',
    description,
  ]);
  return columns(rows, [{}, { align: 'right' }, { align: 'right' }, { align: 'right' }]);
}
