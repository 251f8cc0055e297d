import Handlebars from 'handlebars';
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

/** Inline, because mail programs drop style sheets. Values are escaped by Handlebars; there is nothing else in it. */
const LAYOUT = compile(
  `<!doctype html>
<html lang="{{language}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{subject}}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1c1e21">
<main style="max-width:560px;margin:0 auto;padding:32px;background:#fff;border-radius:8px">
{{#each paragraphs}}<p style="margin:0 0 16px">{{this}}</p>
{{/each}}{{#if link}}<p style="margin:24px 0"><a href="{{link}}" style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1f5eff;color:#fff;text-decoration:none">{{button}}</a></p>
{{/if}}</main>
<footer style="max-width:560px;margin:16px auto 0;color:#6b7280;font-size:13px"><p style="margin:0">{{footer}}{{#each links}} <a href="{{url}}" style="color:inherit">{{label}}</a>{{/each}}</p></footer>
</body>
</html>
`,
  false,
);

type Compiled = (context: object) => string;
const compiled = new Map<string, Compiled>();

/** Strict: a name without a value is an error, never an empty place. */
function compile(source: string, plain: boolean): Compiled {
  return Handlebars.compile(source, { strict: true, noEscape: plain, knownHelpersOnly: true });
}

function filled(source: string, values: object): string {
  const known = compiled.get(source) ?? compile(source, true);
  compiled.set(source, known);
  return known(values);
}

/** @throws VariablesError */
export function renderMail(template: AnyTemplate, values: Values, reader: Reader, letterhead: Letterhead): Mail {
  const known = valuesOf(template, values, reader);
  const { subject, paragraphs, button } = template.wording[reader.language];
  const said = paragraphs.map((paragraph) => filled(paragraph, known)).filter((paragraph) => paragraph !== '');
  const link = (template.link === undefined ? null : known[template.link]) ?? null;
  const label = button === undefined ? null : filled(button, known);
  const { footer, links } = letterhead;
  const title = filled(subject, known);
  const lines = [...said, ...(link === null ? [] : [`${label ?? ''}: ${link}`]), '-- '];
  const end = [footer, ...links.map(({ label: name, url }) => `${name}: ${url}`)].join('\n');
  return {
    subject: title,
    text: `${lines.join('\n\n')}\n${end}\n`,
    html: LAYOUT({
      language: reader.language,
      subject: title,
      paragraphs: said,
      link,
      button: label,
      footer,
      links,
    }),
  };
}

/** @throws VariablesError */
export function renderShort(template: AnyTemplate, values: Values, reader: Reader): ShortMessage {
  const known = valuesOf(template, values, reader);
  const { title, body } = template.wording[reader.language];
  return { title: filled(title, known), body: filled(body, known) };
}

function valuesOf(template: AnyTemplate, values: Values, reader: Reader): Record<string, string | null> {
  const problems = problemsOf(template.variables, values);
  if (problems) throw new VariablesError(template.key, problems);
  return written(template.variables, values, reader.format, reader.timeZone);
}
