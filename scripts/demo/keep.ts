import type { World } from './world';

/** Where everything is and how to get in, for who wants to look around. */
export function addressLines(world: World): string[] {
  const token = (person: 'ada' | 'operator' | 'frank'): string => world.tokenOf(person);
  return [
    '',
    `Kassa      ${world.kassaUrl}`,
    `API docs   ${world.kassaUrl}/docs`,
    `Stripe     ${world.stripe.url}/sandbox (the sandbox: customers, events, deliveries, its clock)`,
    `App Store  ${world.stripe.url}/sandbox/apple`,
    `Google     ${world.stripe.url}/sandbox/google`,
    `Wise       ${world.stripe.url}/sandbox/wise`,
    '',
    'Tokens, good for 12 hours. Try one:',
    `  curl -H "Authorization: Bearer $TOKEN" ${world.kassaUrl}/v1/billing/subscriptions/me`,
    '',
    'Ada:',
    token('ada'),
    '',
    'The operator (admin, finance, support):',
    token('operator'),
    '',
    'Frank (finance), to approve what the operator prepares:',
    token('frank'),
    '',
    'Its commands, for instance:',
    `  node --env-file=${world.keepEnvironment()} dist/cli.js events verify`,
    '',
    'Ctrl-C stops everything; nothing is kept.',
  ];
}
