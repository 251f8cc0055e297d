import type { Language } from './domain/locale';
import type { Letterhead } from './domain/render';

const FOOTER: Readonly<Record<Language, string>> = {
  en: 'You get this message because you are our customer.',
  de: 'Du bekommst diese Nachricht, weil du bei uns Kunde bist.',
  es: 'Recibes este mensaje porque eres nuestro cliente.',
};
const SETTINGS: Readonly<Record<Language, string>> = {
  en: 'Choose what we write to you about',
  de: 'Wähle, worüber wir dir schreiben',
  es: 'Elige sobre qué te escribimos',
};

/** The foot of every mail. @param settingsUrl page of the app where a customer says what he wants. */
export function letterhead(language: Language, settingsUrl: string | undefined): Letterhead {
  return {
    footer: FOOTER[language],
    settings: settingsUrl === undefined ? null : { label: SETTINGS[language], url: settingsUrl },
  };
}
