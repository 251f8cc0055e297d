import { errorOfStatus, LONGEST_PAUSE_MS, retryAfterMs } from './outcome';

const now = new Date('2026-03-01T00:00:00Z');

describe('a status', () => {
  it.each([
    [200, null],
    [202, null],
    [299, null],
    [301, 'redirect'],
    [302, 'redirect'],
    [304, 'redirect'],
    [308, 'redirect'],
    [400, 'status'],
    [404, 'status'],
    [410, 'gone'],
    [429, 'status'],
    [500, 'status'],
    [101, 'status'],
  ])('%d is %s', (status, error) => {
    expect(errorOfStatus(status)).toBe(error);
  });
});

describe('Retry-After', () => {
  it.each<[string | undefined, number]>([
    [undefined, 0],
    ['', 0],
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['-5', 0],
    ['1.5', 0],
    ['soon', 0],
    ['Sun, 01 Mar 2026 00:01:00 GMT', 60_000],
    ['Sat, 28 Feb 2026 00:00:00 GMT', 0],
    ['2027', 2_027_000],
    ['2026-03-02', 0],
    ['9999999999', LONGEST_PAUSE_MS],
    ['99999999999999999999', 0],
  ])('%j is %d ms', (header, expected) => {
    expect(retryAfterMs(header, now)).toBe(expected);
  });
});
