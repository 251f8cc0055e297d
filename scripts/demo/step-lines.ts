import { columns, wrap } from './columns';
import type { DeliveryCounts } from './delivery-counts';
import { dunningWords } from './dunning-words';
import { count, moment, money, movement, stamp } from './format';
import type { Balance, FeatureAccess, Invoice, Payout, Subscription } from './kassa-api';
import type { Paint } from './paint';
import type { Picture } from './picture';

export const WIDTH = 100;
const INDENT = ' '.repeat(6);
const LABEL = 10;

const FEATURES: Readonly<Record<string, readonly [one: string, several: string]>> = {
  api_calls: ['API call', 'API calls'],
  projects: ['project', 'projects'],
  seats: ['seat', 'seats'],
  priority_support: ['priority support', 'priority support'],
};

export interface StepReport {
  readonly number: number;
  readonly at: Date;
  readonly title: string;
  readonly told: readonly string[];
  readonly before: Picture;
  readonly after: Picture;
  readonly webhooks: DeliveryCounts;
}

/** A step as it is printed: when and what, and then what Kassa says of it. */
export function stepLines(report: StepReport, paint: Paint): string[] {
  const { number, at, title, told, before, after, webhooks } = report;
  const newest = after.invoices.filter((invoice) => !isKnown(invoice, before.invoices));
  return [
    '',
    `${paint.dim(String(number).padStart(2))}  ${paint.dim(stamp(at))}  ${paint.bold(title)}`,
    ...told.map((line) => `${INDENT}${line}`),
    // Who pays people has neither.
    ...(after.payouts ? [] : block('status', [paintedState(after.subscription, paint)], paint)),
    ...(after.payouts ? [] : block('access', accessLines(after.access), paint)),
    ...block('payout', payoutLines(before.payouts ?? [], after.payouts ?? []), paint),
    ...block('invoice', newest.map(invoiceLine), paint),
    ...block('dunning', dunningLines(before, after), paint),
    ...block('told', after.messages.slice(0, after.messages.length - before.messages.length), paint),
    ...block('ledger', ledgerLines(before.balances, after.balances), paint),
    ...block('webhooks', webhooks.deliveries > 0 ? [webhookLine(webhooks)] : [], paint),
  ];
}

/** Only where something has been done since. */
function dunningLines(before: Picture, { dunning }: Picture): string[] {
  if (dunning === null) return [];
  const words = dunningWords(dunning);
  const next = dunning.attempts.find(({ status }) => status === 'scheduled');
  const outlook = next ? `, next try ${moment(new Date(next.dueAt))}` : '';
  return before.dunning && dunningWords(before.dunning) === words ? [] : [`${words}${outlook}`];
}

function block(label: string, lines: readonly string[], paint: Paint): string[] {
  return lines.map((line, index) => `${INDENT}${paint.dim((index === 0 ? label : '').padEnd(LABEL))}${line}`);
}

function paintedState(subscription: Subscription | null, paint: Paint): string {
  if (subscription === null) return 'none';
  const { plan, status } = subscription;
  const colour = status === 'past_due' ? paint.yellow : status === 'canceled' ? paint.red : paint.green;
  return `${colour(`${plan.code} ${status}`)}${outlook(subscription)}`;
}

/** What comes next. */
function outlook({ status, trialEndsAt, graceUntil, cancelAtPeriodEnd, currentPeriodEnd }: Subscription): string {
  if (status === 'canceled') return '';
  if (status === 'past_due' && graceUntil !== null) return `, grace until ${moment(new Date(graceUntil))}`;
  if (cancelAtPeriodEnd) return `, ends ${moment(new Date(currentPeriodEnd))}`;
  if (status === 'trialing' && trialEndsAt !== null) return `, free until ${moment(new Date(trialEndsAt))}`;
  return `, renews ${moment(new Date(currentPeriodEnd))}`;
}

function accessLines(access: Readonly<Record<string, FeatureAccess>>): string[] {
  const features = Object.entries(access);
  const until = features[0]?.[1].until ?? null;
  if (features.length === 0) return ['none'];
  const limits = features.map(([key, { limit }]) => {
    const [one, several] = FEATURES[key] ?? [key, key];
    return limit === null ? one : count(limit, one, several);
  });
  const end = until === null ? '' : `, until ${moment(new Date(until))}`;
  return wrap(`${limits.join(', ')}${end}`, WIDTH - INDENT.length - LABEL);
}

function isKnown(invoice: Invoice, before: readonly Invoice[]): boolean {
  const same = before.find(({ id }) => id === invoice.id);
  return same !== undefined && same.status === invoice.status && same.attemptCount === invoice.attemptCount;
}

function invoiceLine({ number, providerId, status, amountDue, currency, attemptCount, lines }: Invoice): string {
  const total = lines.reduce((sum, { amount }) => sum + amount, 0);
  // The App Store numbers nothing but the transaction.
  const facts = [`${number ?? providerId}  ${status}  ${money(total, currency)}`];
  if (status === 'open') facts.push(`declined ${attemptCount === 1 ? 'once' : `${attemptCount} times`}`);
  if (total < 0) facts.push(`kept as credit`);
  else if (amountDue < total) facts.push(`${money(total - amountDue, currency)} of it from credit`);
  return facts.join(', ');
}

/** Those whose status has changed. */
function payoutLines(before: readonly Payout[], after: readonly Payout[]): string[] {
  const moved = after.filter(({ id, status }) => before.find((one) => one.id === id)?.status !== status);
  return columns(
    moved.map(({ amount, currency, beneficiary, status, quote: { sourceAmount, sourceCurrency, fee } }) => [
      `${money(amount, currency)} to ${beneficiary.name ?? 'somebody'}`,
      status,
      `for ${money(sourceAmount, sourceCurrency)} of ours, ${money(fee, sourceCurrency)} of it the fee`,
    ]),
  );
}

/** Debit is positive: money held grows, what is owed (deferred revenue, credit) falls below zero. */
function ledgerLines(before: readonly Balance[], after: readonly Balance[]): string[] {
  const key = ({ account, currency }: Balance): string => `${account} ${currency}`;
  const known = new Map([...before, ...after].map((balance) => [key(balance), balance]));
  const amountIn = (balances: readonly Balance[], wanted: string): number =>
    balances.find((balance) => key(balance) === wanted)?.amount ?? 0;
  const rows = [...known]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([wanted, { account, currency }]) => {
      const now = amountIn(after, wanted);
      const moved = now - amountIn(before, wanted);
      return moved === 0 ? [] : [[account, movement(moved, currency), '=', money(now, currency)]];
    });
  return columns(rows, [{}, { align: 'right' }, {}, { align: 'right' }]);
}

function webhookLine({ events, repeats, overtaken }: DeliveryCounts): string {
  const facts = [count(events, 'event')];
  if (repeats > 0) facts.push(`${repeats} delivered twice`);
  if (overtaken > 0) facts.push(`${overtaken} out of order`);
  return facts.join(', ');
}
