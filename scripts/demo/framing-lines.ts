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
    paint.bold('Kassa: half a year in the life of a few customers'),
    '',
    'Ada tries PRO, pays, falls behind, recovers, needs less and leaves; Carol and Dan buy on their',
    'phones; finance pays people abroad. All of it over real HTTP, with signed webhooks from a sandbox',
    'that plays Stripe, the App Store, Google Play and Wise, many of them twice and out of order. The',
    'clocks of both are moved together. Each step was worked out beforehand, to the cent and the second.',
    '',
    paint.dim('Dates are UTC. A period that renews keeps its access three days longer. In the ledger debit is'),
    paint.dim('positive and credit negative; after "=" stands the new balance.'),
    '',
  ];
}
