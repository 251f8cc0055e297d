import type Stripe from 'stripe';
import { formatMoney } from '../engine';

/** An amount in minor units as people read it, e.g. `$29.00`. */
export function money(amount: number, currency: string): string {
  return formatMoney(amount, currency);
}

/** A day in UTC, e.g. `Nov 21, 2026`. */
export function day(at: number): string {
  return new Date(at * 1000).toLocaleDateString('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
}

/** A moment in UTC to the second, e.g. `2026-11-21 10:20:41`. */
export function moment(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** How often a price is charged, e.g. `per month`, `every 3 months`; empty for a single payment. */
export function interval(recurring: Pick<Stripe.Price.Recurring, 'interval' | 'interval_count'> | null): string {
  if (!recurring) return '';
  const { interval: unit, interval_count: count } = recurring;
  return count === 1 ? `per ${unit}` : `every ${count} ${unit}s`;
}
