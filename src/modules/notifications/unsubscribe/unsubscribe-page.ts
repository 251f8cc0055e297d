import Handlebars from 'handlebars';
import type { Language } from '../domain/locale';
import type { TopicName } from '../domain/topics';

const TOPICS: Readonly<Record<TopicName, Readonly<Record<Language, string>>>> = {
  billing: {
    en: 'what has to be done about your subscription',
    de: 'was für dein Abo zu tun ist',
    es: 'lo que hay que hacer con tu suscripción',
  },
  payments: {
    en: 'payments, refunds, disputes and expiring cards',
    de: 'Zahlungen, Erstattungen, Reklamationen und ablaufende Karten',
    es: 'pagos, reembolsos, disputas y tarjetas que caducan',
  },
  subscription: {
    en: 'changes of your subscription',
    de: 'Änderungen an deinem Abo',
    es: 'cambios en tu suscripción',
  },
  usage: {
    en: 'how much of your plan you have used',
    de: 'wie viel du von deinem Tarif verbraucht hast',
    es: 'cuánto has usado de tu plan',
  },
  payouts: { en: 'payouts to you', de: 'Auszahlungen an dich', es: 'pagos que recibes' },
  pods: { en: 'contributions to your pods', de: 'Beiträge zu deinen Pods', es: 'aportaciones a tus pods' },
  offers: { en: 'offers', de: 'Angebote', es: 'ofertas' },
};

interface Words {
  readonly title: string;
  readonly ask: (topic: string) => string;
  readonly done: (topic: string) => string;
  readonly button: string;
  readonly settings: string;
}
const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Unsubscribe',
    ask: (topic) => `Shall we stop writing to you about ${topic}?`,
    done: (topic) => `We will not write to you about ${topic} any more.`,
    button: 'Unsubscribe',
    settings: 'Choose what we write to you about',
  },
  de: {
    title: 'Abbestellen',
    ask: (topic) => `Sollen wir dir keine E-Mails mehr schicken zu: ${topic}?`,
    done: (topic) => `Wir schicken dir keine E-Mails mehr zu: ${topic}.`,
    button: 'Abbestellen',
    settings: 'Wähle, worüber wir dir schreiben',
  },
  es: {
    title: 'Cancelar la suscripción',
    ask: (topic) => `¿Quieres que dejemos de escribirte sobre ${topic}?`,
    done: (topic) => `Ya no te escribiremos sobre ${topic}.`,
    button: 'No recibir más',
    settings: 'Elige sobre qué te escribimos',
  },
};

/** No script and nothing from elsewhere: the security headers of every answer hold here too. */
const PAGE = Handlebars.compile<Record<string, unknown>>(
  `<!doctype html>
<html lang="{{language}}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>{{title}}</title></head>
<body style="margin:0;padding:48px 24px;background:#f4f5f7;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1c1e21">
<main style="max-width:480px;margin:0 auto;padding:32px;background:#fff;border-radius:8px">
<h1 style="margin:0 0 16px;font-size:20px">{{title}}</h1>
<p style="margin:0 0 24px">{{text}}</p>
{{#if button}}<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button style="padding:12px 20px;border:0;border-radius:6px;background:#1f5eff;color:#fff;font:inherit">{{button}}</button></form>
{{/if}}{{#if settingsUrl}}<p style="margin:24px 0 0"><a href="{{settingsUrl}}">{{settings}}</a></p>
{{/if}}</main>
</body>
</html>
`,
  { strict: true, knownHelpersOnly: true },
);

/**
 * Pure: the page behind a link to unsubscribe by. Looking at it changes nothing, because mail scanners look at every link.
 * @param settingsUrl page of the app where the rest is chosen.
 */
export function unsubscribePage(
  step: 'ask' | 'done',
  topic: TopicName,
  language: Language,
  settingsUrl: string | undefined,
): string {
  const words = WORDS[language];
  return PAGE({
    language,
    title: words.title,
    text: words[step](TOPICS[topic][language]),
    button: step === 'ask' ? words.button : null,
    settingsUrl: settingsUrl ?? null,
    settings: words.settings,
  });
}
