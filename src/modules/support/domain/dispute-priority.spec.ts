import { disputePriority } from './dispute-priority';

const NOW = new Date('2026-01-15T10:00:00Z');
const inHours = (hours: number): string => new Date(NOW.getTime() + hours * 3_600_000).toISOString();

describe('disputePriority', () => {
  it.each<[string, string, string | null, string]>([
    ['with nine days to answer', 'needs_response', inHours(216), 'high'],
    ['with just over two', 'needs_response', inHours(48.001), 'high'],
    ['with two', 'needs_response', inHours(48), 'urgent'],
    ['too late already', 'needs_response', inHours(-1), 'urgent'],
    ['without a given day', 'needs_response', null, 'high'],
    ['an inquiry', 'warning_needs_response', inHours(216), 'normal'],
    ['an inquiry that is due', 'warning_needs_response', inHours(47), 'urgent'],
    ['an inquiry without a day', 'warning_needs_response', null, 'normal'],
  ])('%s', (_name, status, dueBy, priority) => {
    expect(disputePriority(status, dueBy, NOW)).toBe(priority);
  });
});
