import { LANGUAGES, type Language } from './locale';
import { namesIn } from './template-names';
import type { TopicName } from './topics';
import type { Declared, ValuesOf, Values } from './variables';

/** What is said in one language; every text is a Handlebars template over the declared variables. */
export interface Wording {
  /** Of the mail. */
  readonly subject: string;
  /** Of the mail; one that comes out empty is left out. */
  readonly paragraphs: readonly string[];
  /** Of the mail's button; there where the template names a link that is not null. */
  readonly button?: string;
  /** Of the push message and in the list. */
  readonly title: string;
  readonly body: string;
}

/** A kind of message. */
export interface Template<D extends Declared = Declared> {
  readonly key: string;
  readonly topic: TopicName;
  /** Quiet hours do not hold it up. */
  readonly urgent: boolean;
  readonly variables: D;
  /** Variable behind the button. */
  readonly link?: keyof D & string;
  /** What a mail must say in every case, in whose words ever: without it nobody could do what it asks for. */
  readonly required?: readonly (keyof D & string)[];
  /** For the preview, and for the test that renders everything. */
  readonly sample: ValuesOf<D>;
  readonly wording: Readonly<Record<Language, Wording>>;
}

/** A template whose variables are all anybody knows of it. */
export type AnyTemplate = Omit<Template, 'sample'> & { readonly sample: Values };

/**
 * Checks a template while the process starts: it says the same in every language, and names no variable it does not declare.
 * @throws Error that names the template and what is wrong with it.
 */
export function defineTemplate<const D extends Declared>(template: Template<D>): Template<D> {
  for (const language of LANGUAGES) {
    const { paragraphs, button, ...texts } = template.wording[language];
    if ((button === undefined) !== (template.link === undefined)) {
      throw new Error(`Template ${template.key} in ${language}: a button needs a link, and a link a button`);
    }
    for (const text of [...Object.values(texts), ...paragraphs, button ?? '']) {
      const stranger = namesIn(text).find((name) => !Object.hasOwn(template.variables, name));
      if (stranger !== undefined) {
        throw new Error(`Template ${template.key} in ${language} names ${stranger}, which is no variable of it`);
      }
    }
  }
  return template;
}
