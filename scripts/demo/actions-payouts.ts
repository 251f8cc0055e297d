import { randomUUID } from 'node:crypto';
import { moment, money } from './format';
import type { Payout, PayoutQuote } from './kassa-api';
import type { Person, World } from './world';

type Lines = readonly string[];

/** Basis points by which Wise's rates move while nobody approves. */
const RATES_MOVE = -300;
const TOP_UP = { currency: 'USD', amount: 2_000_000 };
const LENA = { name: 'Lena Vogt', currency: 'EUR', type: 'iban' };
const CLOSED_ACCOUNT = { legalType: 'PRIVATE', IBAN: 'DE89370400440532013000' };
const RIGHT_ACCOUNT = { legalType: 'PRIVATE', IBAN: 'DE75512108001245126199' };
const KENJI = {
  ...{ name: 'Kenji Sato', currency: 'JPY', type: 'japanese' },
  details: {
    ...{ legalType: 'PRIVATE', bankCode: '0001', branchCode: '123' },
    ...{ accountType: 'SAVINGS', accountNumber: '1234567' },
  },
};
const EUROS = { currency: 'EUR', amount: 250_000 };
const YEN = { currency: 'JPY', amount: 1_800_000 };

interface Asked {
  readonly beneficiary: object;
  readonly amount: number;
  readonly currency: string;
  readonly reference: string;
}

export async function erinPreparesEuros(world: World): Promise<Lines> {
  await world.stripe.control('POST', 'wise/balances', TOP_UP);
  await world.settle();
  const { payoutId, told } = await prepare(world, {
    ...{ ...EUROS, reference: 'Design June', beneficiary: { ...LENA, details: CLOSED_ACCOUNT } },
  });
  return [
    `our bank sends ${money(TOP_UP.amount, TOP_UP.currency)} to our balance at Wise`,
    ...told,
    await approve(world, 'erin', payoutId),
  ];
}

export async function frankIsAskedAgain(world: World): Promise<Lines> {
  const { id } = await eurosOf(world);
  await world.stripe.control('POST', 'wise/policy', { ratesMove: RATES_MOVE });
  const first = await approve(world, 'frank', id);
  const { offeredQuote } = await world.as('frank').call<{ offeredQuote: PayoutQuote | null }>(`/payouts/${id}`);
  if (!offeredQuote) throw new Error('The payout shows no quote to accept.');
  const { sourceAmount, sourceCurrency, quoteId } = offeredQuote;
  return [
    first,
    `it would cost ${money(sourceAmount, sourceCurrency)} now`,
    await approve(world, 'frank', id, quoteId),
  ];
}

export async function yenNeedTwo(world: World): Promise<Lines> {
  const { payoutId, told } = await prepare(world, { ...YEN, reference: 'Illustrations', beneficiary: KENJI });
  return [
    ...told,
    await approve(world, 'frank', payoutId),
    await approve(world, 'frank', payoutId),
    await approve(world, 'grace', payoutId),
  ];
}

export async function theBankSendsBack(world: World): Promise<Lines> {
  await moveEuros(world, { state: 'bounced_back' });
  return ["Lena's bank has no such account any more, and sends the euros back to Wise"];
}

/** Wise keeps its fee. @returns also what the operator puts away. */
export async function wiseReturnsTheMoney(world: World): Promise<Lines> {
  const { sourceAmount, fee, sourceCurrency } = (await eurosOf(world)).quote;
  await moveEuros(world, { state: 'funds_refunded', returned: sourceAmount - fee });
  await world.settle();
  const { payoutId, told } = await prepare(world, {
    ...{ ...EUROS, reference: 'Design June', beneficiary: { ...LENA, details: RIGHT_ACCOUNT } },
  });
  return [
    `Wise gives back ${money(sourceAmount - fee, sourceCurrency)}, without its fee`,
    ...told,
    await approve(world, 'frank', payoutId),
    ...(await closeWhatIsSettled(world)),
  ];
}

async function prepare(world: World, asked: Asked): Promise<{ payoutId: string; told: Lines }> {
  const { payoutId, status, quote } = await world
    .as('erin')
    .call<{ payoutId: string; status: string; quote: PayoutQuote }>('/payouts/prepare', {
      json: { sourceCurrency: 'USD', ...asked },
      headers: { 'idempotency-key': randomUUID() },
    });
  const offer = `Wise's rate of ${quote.rate} holds until ${moment(new Date(quote.expiresAt))}`;
  return { payoutId, told: [`Erin, POST /v1/payouts/prepare: ${status}, ${offer}`] };
}

/** @returns the answer in a line, whether it is a yes or a no. */
async function approve(world: World, person: Person, payoutId: string, acceptQuoteId?: string): Promise<string> {
  const accepting = acceptQuoteId === undefined ? {} : { acceptQuoteId };
  const { status, text } = await world.as(person).answer('/payouts/approve', { json: { payoutId, ...accepting } });
  const { error, ...answer } = JSON.parse(text) as { status?: string; error?: { code: string } };
  const name = `${person.slice(0, 1).toUpperCase()}${person.slice(1)}`;
  const how = acceptQuoteId === undefined ? '' : ', accepting that';
  return `${name}, POST /v1/payouts/approve${how}: ${error ? `${status} ${error.code}` : (answer.status ?? '')}`;
}

/** The latest in euros. */
async function eurosOf(world: World): Promise<Payout> {
  const payout = (await world.as('erin').payouts()).find(({ currency }) => currency === EUROS.currency);
  if (!payout) throw new Error('There is no payout in euros.');
  return payout;
}

async function moveEuros(world: World, move: object): Promise<void> {
  const { providerId } = await eurosOf(world);
  await world.stripe.control('POST', `wise/transfers/${providerId ?? ''}/state`, move);
}

/** What somebody was told to look at, and has looked at. */
async function closeWhatIsSettled(world: World): Promise<Lines> {
  const operator = world.as('operator');
  const { data: alerts } = await operator.call<{ data: { id: string; message: string; resolvedAt: string | null }[] }>(
    '/admin/alerts',
  );
  const { data: tickets } = await operator.call<{ data: { id: string }[] }>('/support/tickets?status=open');
  const json = { resolution: 'manual', note: 'The account was closed. Prepared anew, for the new one.' };
  for (const { id } of tickets) await operator.call(`/support/tickets/${id}/resolve`, { json });
  const lines: string[] = [];
  for (const { id, message } of alerts.filter(({ resolvedAt }) => resolvedAt === null)) {
    await operator.call(`/admin/alerts/${id}/resolve`, { method: 'POST' });
    lines.push(`the operator closes the alert "${message}"`);
  }
  return lines;
}
