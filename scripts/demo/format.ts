/** "$29.00", "-$13.55"; the amount in minor units. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** Like `money`, with a sign in any case: it tells a movement from a balance. */
export function movement(amount: number, currency: string): string {
  return amount > 0 ? `+${money(amount, currency)}` : money(amount, currency);
}

const PARTS = new Intl.DateTimeFormat('en-US', {
  timeZone: 'UTC',
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function parts(at: Date): Record<string, string> {
  return Object.fromEntries(PARTS.formatToParts(at).map(({ type, value }) => [type, value]));
}

/** "4 Jan 2027 09:00", in UTC. */
export function moment(at: Date): string {
  const { day = '', month = '', year = '', hour = '', minute = '' } = parts(at);
  return `${day} ${month} ${year} ${hour}:${minute}`;
}

/** "Mon  4 Jan 2027 09:00", always of the same width. */
export function stamp(at: Date): string {
  return `${parts(at)['weekday'] ?? ''} ${moment(at).padStart(17)}`;
}

/** "1 event", "12 events". */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`;
}
