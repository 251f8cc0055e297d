/** Shorter ones are in everything. */
const LEAST = 2;

/**
 * Pure: a PostgreSQL regular expression (its "advanced" form) that finds any of the words, lower case, standing by itself:
 * `ada` is in `ada@test.example` and not in `metadata`. Null where there is nothing to look for.
 */
export function patternOf(words: readonly string[]): string | null {
  const alternatives = [...new Set(words.map((word) => word.trim().toLowerCase()))]
    .filter((word) => word.length >= LEAST)
    .map((word) =>
      word.replace(/[^\p{L}\p{N}]/gu, (character) => (character.charCodeAt(0) < 128 ? `\\${character}` : character)),
    );
  return alternatives.length === 0 ? null : `(^|[^[:alnum:]])(${alternatives.join('|')})($|[^[:alnum:]])`;
}

/**
 * Pure: the words as bodies may hold them: besides their own characters, with those beyond ASCII written as JSON escapes.
 */
export function asInBodies(words: readonly string[]): string[] {
  const escaped = words.map((word) =>
    word.toLowerCase().replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  return [...new Set([...words, ...escaped])];
}
