import { columns } from './columns';
import type { Paint } from './paint';
import type { Kept } from './promises';

/** The promises, each with its tick or with what is wrong. */
export function promiseLines(kept: readonly Kept[], paint: Paint): string[] {
  const rows = columns(kept.map(({ text, seen }) => [text, seen]));
  return kept.flatMap(({ wrong }, index) => {
    const mark = wrong.length === 0 ? paint.green('✓') : paint.red('✗');
    return [` ${mark}  ${rows[index] ?? ''}`, ...wrong.map((line) => `      ${paint.red(line)}`)];
  });
}

/** What is about to be seen, and how to read it. */
export function openingLines(paint: Paint): string[] {
  return [
    '',
    paint.bold('Kassa: four and a half months in the life of a customer'),
    '',
    'Ada tries PRO, pays, falls behind, recovers, needs less and leaves. All of it over real HTTP, with',
    "signed webhooks from a sandbox that plays Stripe: every third comes twice, half out of order. Kassa's",
    'clock follows the sandbox. Each step was worked out beforehand, to the cent and to the second.',
    '',
    paint.dim('Dates are UTC. In the ledger debit is positive, credit negative; "=" is the new balance.'),
  ];
}
