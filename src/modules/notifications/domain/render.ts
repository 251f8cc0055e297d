import Handlebars from 'handlebars';
import { BoundedMap } from './bounded-map';
import type { Tongue } from './locale';
import type { AnyTemplate } from './template';
import { problemsOf, written, type Values, type VariableProblems } from './variables';

export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A push message, or an entry of the list. */
export interface ShortMessage {
  readonly title: string;
  readonly body: string;
}

export interface Reader extends Tongue {
  /** IANA. */
  readonly timeZone: string;
}

/** Where a mail says who it is from and where to change what comes. */
export interface Letterhead {
  readonly footer: string;
  readonly links: readonly { readonly label: string; readonly url: string }[];
}

export class VariablesError extends Error {
  constructor(
    readonly template: string,
    readonly problems: VariableProblems,
  ) {
    const names = [...problems.missing, ...problems.unknown, ...problems.wrong.map(({ name }) => name)];
    super(`Template ${template} cannot be rendered with these variables: ${names.join(', ')}`);
    this.name = 'VariablesError';
  }
}

/** An operator's words in the place of built-in ones; a part that is left out is said as built in. */
export interface OwnWording {
  /** Of the mail. */
  readonly subject?: string;
  /** Of the mail, without its foot. */
  readonly text?: string;
  /** Of the mail: what stands in the layout, or a document of its own, which gets the foot at its end. */
  readonly html?: string;
  readonly push?: ShortMessage;
  readonly inApp?: ShortMessage;
}

/** As it is said to somebody. */
export interface OwnWords {
  readonly wording: OwnWording;
  /** BCP 47. */
  readonly locale: string;
  /** How numbers and dates are written. */
  readonly format: string;
}

const FOOT = compile(
  `<footer style="max-width:560px;margin:16px auto 0;color:#6b7280;font-size:13px"><p style="margin:0">{{footer}}{{#each links}} <a href="{{url}}" style="color:inherit">{{label}}</a>{{/each}}</p></footer>`,
  false,
);

/** Inline, because mail programs drop style sheets. Values are escaped by Handlebars; there is nothing else in it. */
const LAYOUT = compile(
  `<!doctype html>
<html lang="{{language}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{subject}}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1c1e21">
<main style="max-width:560px;margin:0 auto;padding:32px;background:#fff;border-radius:8px">
{{#if own}}{{{own}}}
{{/if}}{{#each paragraphs}}<p style="margin:0 0 16px">{{this}}</p>
{{/each}}{{#if link}}<p style="margin:24px 0"><a href="{{link}}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1f5eff;color:#fff;text-decoration:none">{{button}}</a></p>
{{/if}}</main>
{{{foot}}}
</body>
</html>
`,
  false,
);

type Compiled = (context: object) => string;
const LONG = 4_096;
const compiled = { short: new BoundedMap<Compiled>(2_000), long: new BoundedMap<Compiled>(50) };

/** Strict: a name without a value is an error, never an empty place. */
function compile(source: string, plain: boolean): Compiled {
  return Handlebars.compile(source, { strict: true, noEscape: plain, knownHelpersOnly: true });
}

/** @param to what values are escaped for. */
export function filled(source: string, values: object, to: 'text' | 'html' = 'text'): string {
  const known = source.length > LONG ? compiled.long : compiled.short;
  return known.of(`${to}:${source}`, () => compile(source, to === 'text'))(values);
}

/** @throws VariablesError */
export function renderMail(
  template: AnyTemplate,
  values: Values,
  reader: Reader,
  letterhead: Letterhead,
  own: OwnWords | null = null,
): Mail {
  const known = valuesOf(template, values, reader, own);
  const { subject, paragraphs, button } = template.wording[reader.language];
  const said = paragraphs.map((paragraph) => filled(paragraph, known)).filter((paragraph) => paragraph !== '');
  const link = (template.link === undefined ? null : known[template.link]) ?? null;
  const label = button === undefined ? null : filled(button, known);
  const title = filled(own?.wording.subject ?? subject, known);
  const { text, html } = own?.wording ?? {};
  const lines =
    text === undefined
      ? [...said, ...(link === null ? [] : [`${label ?? ''}: ${link}`])]
      : [filled(text, known).trim()];
  const { footer, links } = letterhead;
  const end = [footer, ...links.map(({ label: name, url }) => `${name}: ${url}`)].join('\n');
  const foot = FOOT(letterhead);
  const language = own?.wording.html === undefined ? reader.language : own.locale;
  const head = { language, subject: title, foot };
  return {
    subject: title,
    text: `${[...lines, '-- '].join('\n\n')}\n${end}\n`,
    html:
      html === undefined
        ? LAYOUT({ ...head, own: null, paragraphs: said, link, button: label })
        : placed(filled(html, known, 'html'), head),
  };
}

const BODY_END = '</body>';

/** Whether it is a document of its own and no part of the layout. */
export function isDocument(html: string): boolean {
  return /<html[\s>]/i.test(html);
}

/** The foot is in every mail, because it is where mail is turned off. */
function placed(html: string, head: { language: string; subject: string; foot: string }): string {
  if (!isDocument(html)) return LAYOUT({ ...head, own: html, paragraphs: [], link: null, button: null });
  const end = html.toLowerCase().lastIndexOf(BODY_END);
  return end < 0 ? `${html}\n${head.foot}` : `${html.slice(0, end)}${head.foot}\n${html.slice(end)}`;
}

/** @throws VariablesError */
export function renderShort(
  template: AnyTemplate,
  values: Values,
  reader: Reader,
  own: { readonly words: OwnWords; readonly channel: 'push' | 'inApp' } | null = null,
): ShortMessage {
  const known = valuesOf(template, values, reader, own?.words ?? null);
  const { title, body } = (own && own.words.wording[own.channel]) ?? template.wording[reader.language];
  return { title: filled(title, known), body: filled(body, known) };
}

function valuesOf(
  template: AnyTemplate,
  values: Values,
  reader: Reader,
  own: OwnWords | null,
): Record<string, string | null> {
  const problems = problemsOf(template.variables, values);
  if (problems) throw new VariablesError(template.key, problems);
  return written(template.variables, values, own?.format ?? reader.format, reader.timeZone);
}
