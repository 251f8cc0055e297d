import { LANGUAGES, tongueOf } from '../domain/locale';
import { renderMail, renderShort } from '../domain/render';
import { problemsOf } from '../domain/variables';
import { letterhead } from '../letterhead';
import { MESSAGES } from '.';

/** Push messages are cut off by the systems behind this. */
const LONGEST_TITLE = 65;
const LONGEST_BODY = 178;

describe('the catalogue', () => {
  it('names each message once', () => {
    expect(new Set(MESSAGES.map(({ template }) => template.key)).size).toBe(MESSAGES.length);
  });

  describe.each(MESSAGES.map(({ template }) => [template.key, template] as const))('%s', (_key, template) => {
    it('has a sample of exactly its variables', () => {
      expect(problemsOf(template.variables, template.sample)).toBeNull();
    });

    it.each(LANGUAGES)('renders in %s on every channel, with nothing left open', (language) => {
      const reader = { ...tongueOf(language), timeZone: 'Europe/Berlin' };
      const { subject, text, html } = renderMail(template, template.sample, reader, letterhead(language, undefined));
      const { title, body } = renderShort(template, template.sample, reader);
      for (const said of [subject, text, html, title, body]) {
        expect(said).not.toBe('');
        expect(said).not.toMatch(/\{\{|\}\}|undefined|null|NaN|\[object/);
      }
      expect(html).toContain(`<html lang="${language}">`);
      expect(title.length).toBeLessThanOrEqual(LONGEST_TITLE);
      expect(body.length).toBeLessThanOrEqual(LONGEST_BODY);
    });

    it('uses each of its variables in every language', () => {
      for (const language of LANGUAGES) {
        const all = JSON.stringify(template.wording[language]);
        for (const name of Object.keys(template.variables)) {
          if (name !== template.link) expect(all).toMatch(new RegExp(`\\{\\{(#if |#unless )?${name}\\}\\}`));
        }
      }
    });
  });
});
