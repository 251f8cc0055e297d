import { LANGUAGES } from './locale';
import { filled, type OwnWording } from './render';
import type { AnyTemplate } from './template';
import { namesIn, NotAllowedError } from './template-names';

/** What is wrong with a part of an operator's words, e.g. `html` or `push.body`. */
export interface WordingProblem {
  readonly part: string;
  readonly problem: 'SYNTAX' | 'NOT_ALLOWED' | 'UNKNOWN_VARIABLE' | 'MISSING_VARIABLE' | 'MISSING_PART' | 'EMPTY';
  readonly message: string;
  readonly variable?: string;
}

const PARTS = ['subject', 'text', 'html', 'push', 'inApp'] as const satisfies readonly (keyof OwnWording)[];
const MAIL_BODIES = ['text', 'html'];

/**
 * Pure: what keeps these words from being said. A text is tried with every combination of what may be null or false, so
 * that what a mail must say is said in each of them.
 * @param locale BCP 47; one of a language that is not built in needs all parts, because nobody is told half in another.
 */
export function wordingProblems(template: AnyTemplate, locale: string, wording: OwnWording): WordingProblem[] {
  const texts = textsOf(wording);
  const cases = casesOf(template);
  return [
    ...missingParts(locale, wording),
    ...texts.flatMap(([part, text]) => textProblems(template, part, text, cases)),
  ];
}

function textsOf({ subject, text, html, push, inApp }: OwnWording): [string, string][] {
  const all: [string, string | undefined][] = [
    ['subject', subject],
    ['text', text],
    ['html', html],
    ['push.title', push?.title],
    ['push.body', push?.body],
    ['inApp.title', inApp?.title],
    ['inApp.body', inApp?.body],
  ];
  return all.flatMap(([part, said]) => (said === undefined ? [] : [[part, said]]));
}

function missingParts(locale: string, wording: OwnWording): WordingProblem[] {
  const missing = (part: string, message: string): WordingProblem => ({ part, problem: 'MISSING_PART', message });
  const absent = PARTS.filter((part) => wording[part] === undefined);
  const { language } = new Intl.Locale(locale);
  if (!(LANGUAGES as readonly string[]).includes(language)) {
    return absent.map((part) => missing(part, `There are no built-in words in ${language}, so all parts are needed`));
  }
  if (absent.length === PARTS.length) return [missing('wording', 'At least one part is needed')];
  if ((wording.text === undefined) === (wording.html === undefined)) return [];
  const part = wording.text === undefined ? 'text' : 'html';
  return [missing(part, 'A mail is read as text or as HTML, so both say it in the same words')];
}

function textProblems(
  template: AnyTemplate,
  part: string,
  text: string,
  cases: readonly Record<string, string | null>[],
): WordingProblem[] {
  const unknown = unknownNames(template, part, text);
  if (unknown.length > 0) return unknown;
  const outcomes = cases.map((values) => ({ values, said: filled(text, values, part === 'html' ? 'html' : 'text') }));
  const required = MAIL_BODIES.includes(part) ? (template.required ?? []) : [];
  const unsaid = required.filter((name) => outcomes.some(({ values, said }) => !said.includes(values[name] ?? '')));
  if (outcomes.some(({ said }) => said.trim() === '')) {
    return [{ part, problem: 'EMPTY', message: 'It says nothing at all, at least in some cases' }];
  }
  return unsaid.map((variable) => ({
    ...{ part, problem: 'MISSING_VARIABLE', variable },
    message: `It must say {{${variable}}}, whatever else holds`,
  }));
}

function unknownNames({ variables }: AnyTemplate, part: string, text: string): WordingProblem[] {
  try {
    const strangers = namesIn(text).filter((name) => !Object.hasOwn(variables, name));
    return [...new Set(strangers)].map((variable) => ({
      ...{ part, problem: 'UNKNOWN_VARIABLE', variable },
      message: `{{${variable}}} is no variable of this message`,
    }));
  } catch (error) {
    if (error instanceof NotAllowedError) {
      const message = 'Only {{variable}}, {{#if variable}} and {{#unless variable}} are allowed';
      return [{ part, problem: 'NOT_ALLOWED', message }];
    }
    // Handlebars says where: "Parse error on line 1: ...".
    const message = error instanceof Error ? error.message.split('\n', 4).join('\n') : 'It cannot be read';
    return [{ part, problem: 'SYNTAX', message }];
  }
}

/** Marks in the place of values, in every combination of what may be null, and of flags. */
function casesOf({ variables }: AnyTemplate): Record<string, string | null>[] {
  return Object.entries(variables).reduce<Record<string, string | null>[]>(
    (cases, [name, kind]) => {
      const mark = `[${name}]`;
      const values = kind.startsWith('flag') ? [mark, ''] : kind.endsWith('?') ? [mark, null] : [mark];
      return cases.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
    },
    [{}],
  );
}
