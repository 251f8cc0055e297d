import { canonicalLocale, formatFor, localeChain, tongueOf } from './locale';

describe('a locale', () => {
  it.each([
    ['de', 'de'],
    ['de-at', 'de-AT'],
    ['ES-419', 'es-419'],
    ['zh-hans-cn', 'zh-Hans-CN'],
  ])('%s is %s', (tag, canonical) => {
    expect(canonicalLocale(tag)).toBe(canonical);
  });
  it.each(['', 'd', 'de_AT', 'german language', "de'; DROP", 'de\u0000', 'x'.repeat(10_000)])('is not %j', (tag) => {
    expect(canonicalLocale(tag)).toBeNull();
  });
  it.each([
    [null, 'en', 'en'],
    ['de-AT', 'de', 'de-AT'],
    ['es-MX', 'es', 'es-MX'],
    ['fr-FR', 'en', 'en'],
    ['en-GB', 'en', 'en-GB'],
  ])('%s is spoken to in %s and written to as %s', (locale, language, format) => {
    expect(tongueOf(locale)).toEqual({ language, format });
  });
  it.each([
    [null, ['en']],
    ['de-AT', ['de-AT', 'de']],
    ['zh-Hans-CN', ['zh-Hans-CN', 'zh-Hans', 'zh', 'en']],
    ['en', ['en']],
  ])('%s reads %j', (locale, chain) => {
    expect(localeChain(locale)).toEqual(chain);
  });
  it.each([
    ['de', 'de-AT', 'de-AT'],
    ['de-CH', null, 'de-CH'],
    ['en', 'fr-FR', 'en'],
  ])('words in %s are formatted for %s as %s', (words, locale, format) => {
    expect(formatFor(words, locale)).toBe(format);
  });
});
