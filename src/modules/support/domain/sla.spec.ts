import { dueAt, isBreached } from './sla';
import type { TicketPriority } from './ticket';

const OPENED = new Date('2026-01-15T10:00:00Z');
const inHours = (hours: number): Date => new Date(OPENED.getTime() + hours * 3_600_000);

describe('by when a ticket is due', () => {
  it.each<[TicketPriority, number | null, number]>([
    ['urgent', null, 4],
    ['high', null, 24],
    ['normal', null, 72],
    ['low', null, 168],
    ['low', 48, 48],
    ['urgent', 48, 4],
    ['high', 24, 24],
    ['high', -1, -1],
  ])('%s, with a last day in %s hours: in %d hours', (priority, dueBy, hours) => {
    expect(dueAt(priority, OPENED, dueBy === null ? null : inHours(dueBy))).toEqual(inHours(hours));
  });

  it.each<[string, Parameters<typeof isBreached>[0], number, boolean]>([
    ['before its time', { dueAt: inHours(4), breachedAt: null, resolvedAt: null }, 3.999, false],
    ['at its time', { dueAt: inHours(4), breachedAt: null, resolvedAt: null }, 4, true],
    ['resolved in time', { dueAt: inHours(4), breachedAt: null, resolvedAt: inHours(2) }, 9, false],
    ['resolved too late', { dueAt: inHours(4), breachedAt: null, resolvedAt: inHours(5) }, 9, true],
    ['found late, less pressing since', { dueAt: inHours(168), breachedAt: inHours(4), resolvedAt: null }, 5, true],
  ])('%s', (_name, ticket, now, breached) => {
    expect(isBreached(ticket, inHours(now))).toBe(breached);
  });
});
