import { Injectable } from '@nestjs/common';
import { BoundedMap } from '../domain/bounded-map';
import { formatFor } from '../domain/locale';
import { wordingProblems } from '../domain/own-wording';
import type { OwnWords } from '../domain/render';
import type { AnyTemplate } from '../domain/template';
import type { CurrentWording } from './wordings.repository';

/** What was said, and which words could not be, where it was not those of an operator. */
export interface Spoken<T> {
  readonly said: T;
  readonly broken: { readonly version: number; readonly locale: string; readonly reason: string } | null;
}

const CHECKED_AT_MOST = 500;

/**
 * Says a message in an operator's words, or in the built-in ones where his cannot be said any more: a release may have
 * taken away a variable since he wrote them, or ask for one more. No message is lost by words.
 */
@Injectable()
export class MessageVoice {
  /** By the version's id, which never changes: null where nothing is wrong with it. */
  private readonly checked = new BoundedMap<string | null>(CHECKED_AT_MOST);

  /** @param render says it; without words of an operator's in the built-in ones. @throws what the built-in words throw. */
  speak<T>(
    template: AnyTemplate,
    current: CurrentWording | null,
    locale: string | null,
    render: (own: OwnWords | null) => T,
  ): Spoken<T> {
    if (!current) return { said: render(null), broken: null };
    const { version, wording } = current;
    const reason = this.reasonAgainst(template, current);
    if (reason !== null) return { said: render(null), broken: { version, locale: current.locale, reason } };
    try {
      return {
        said: render({ wording, locale: current.locale, format: formatFor(current.locale, locale) }),
        broken: null,
      };
    } catch (error) {
      // Values that are wrong are so for the built-in words too, which then say it.
      return { said: render(null), broken: { version, locale: current.locale, reason: textOf(error) } };
    }
  }

  private reasonAgainst(template: AnyTemplate, { id, locale, wording }: CurrentWording): string | null {
    return this.checked.of(id, () => problemIn(template, locale, wording));
  }
}

/** Whatever stands in the row, it is an answer: a row of another release may have another shape. */
function problemIn(template: AnyTemplate, locale: string, wording: CurrentWording['wording']): string | null {
  try {
    const [problem] = wordingProblems(template, locale, wording);
    return problem ? `${problem.part}: ${problem.message}` : null;
  } catch (error) {
    return textOf(error);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'It cannot be rendered';
}
