import { asInBodies, patternOf } from './words';

/** JavaScript reads the same, with the POSIX class in its own words. */
const finds = (words: string[], text: string): boolean =>
  new RegExp((patternOf(words) ?? '(?!)').replaceAll('[^[:alnum:]]', '[^a-zé0-9]')).test(text.toLowerCase());

describe('patternOf', () => {
  it.each([
    [['ada'], 'ada@test.example', true],
    [['ada'], '"metadata"', false],
    [['Ada Lovelace'], '{"name":"ADA LOVELACE"}', true],
    [['ada@test.example'], 'ada@testxexample', false],
    [['auth0|5f7'], '{"sub":"auth0|5f7"}', true],
    [['a.b*c'], 'aXbc', false],
    [['José'], 'by josé.', true],
  ])('%j in %s: %s', (words, text, expected) => {
    expect(finds(words, text)).toBe(expected);
  });

  it('is nothing where there is nothing to look for', () => {
    expect(patternOf([])).toBeNull();
    expect(patternOf(['', ' ', 'x'])).toBeNull();
  });
});

describe('asInBodies', () => {
  it('knows characters beyond ASCII in both spellings', () => {
    expect(asInBodies(['José'])).toEqual(['José', 'jos\\u00e9']);
    expect(asInBodies(['ada'])).toEqual(['ada']);
  });
});
