import type { OutgoingMail } from './channels/mail.port';
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

const UNSUBSCRIBE: Readonly<Record<Language, string>> = {
  en: 'Unsubscribe from mail like this',
  de: 'Solche E-Mails abbestellen',
  es: 'No recibir más correos como este',
};

/**
 * The foot of every mail.
 * @param settingsUrl page of the app where a customer says what he wants.
 * @param unsubscribe where mail of its kind is turned off; a link of its own only where a click does it.
 */
export function letterhead(
  language: Language,
  settingsUrl: string | undefined,
  unsubscribe: OutgoingMail['unsubscribe'] = null,
): Letterhead {
  return {
    footer: FOOTER[language],
    links: [
      ...(settingsUrl === undefined ? [] : [{ label: SETTINGS[language], url: settingsUrl }]),
      ...(unsubscribe?.oneClick ? [{ label: UNSUBSCRIBE[language], url: unsubscribe.url }] : []),
    ],
  };
}
