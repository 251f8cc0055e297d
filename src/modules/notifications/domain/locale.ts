/** Languages that every template speaks; the first is for everybody else. */
export const LANGUAGES = ['en', 'de', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Tongue {
  /** What is said. */
  readonly language: Language;
  /** How numbers and dates are written: his own way of his language, the language's where he speaks another. */
  readonly format: string;
}

/** The well-formed tag in its canonical form (`de-at` is `de-AT`); null for anything else. */
export function canonicalLocale(tag: string): string | null {
  if (tag.length > 35) return null;
  try {
    return new Intl.Locale(tag).toString();
  } catch {
    return null;
  }
}

/** @param locale a canonical tag; null where he has said nothing. */
export function tongueOf(locale: string | null): Tongue {
  const spoken = locale === null ? undefined : new Intl.Locale(locale).language;
  const language = LANGUAGES.find((one) => one === spoken);
  return language && locale !== null ? { language, format: locale } : { language: LANGUAGES[0], format: LANGUAGES[0] };
}

/**
 * Pure: the locales whose words he reads, the closest first: `de-AT`, `de`. English is read by whoever speaks no built-in one.
 * @param locale as for `tongueOf`.
 */
export function localeChain(locale: string | null): string[] {
  const own = locale === null ? [] : chainOf(locale);
  const { language } = tongueOf(locale);
  return own.includes(language) ? own : [...own, language];
}

function chainOf(locale: string): string[] {
  const subtags = locale.split('-');
  return subtags.map((_, index) => subtags.slice(0, subtags.length - index).join('-'));
}

/** Pure: how numbers and dates are written in words of this locale, for whoever has said that he speaks that one. */
export function formatFor(wordsIn: string, locale: string | null): string {
  const same = locale !== null && new Intl.Locale(locale).language === new Intl.Locale(wordsIn).language;
  return same ? locale : wordsIn;
}
