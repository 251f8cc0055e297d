import { PAYOUT_EVENTS } from '../../payouts';
import { defineTemplate } from '../domain/template';
import type { PayoutTold } from '../notifications.events';
import { moneyFigures, type Message } from './message';

const template = defineTemplate({
  key: 'payout_failed',
  topic: 'payouts',
  urgent: false,
  variables: { amount: 'money', sentBack: 'flag', appUrl: 'url?' },
  link: 'appUrl',
  required: ['amount'],
  sample: {
    amount: { amount: 12_500, currency: 'EUR' },
    sentBack: true,
    appUrl: 'https://app.example.com/billing',
  },
  wording: {
    en: {
      subject: 'Your payout of {{amount}} did not arrive',
      paragraphs: [
        '{{#if sentBack}}Your bank has sent {{amount}} back to us.{{else}}We could not pay out {{amount}} to you.{{/if}}',
        'The money is not lost. Please check your bank details, or contact us if they are right.',
      ],
      button: 'Check bank details',
      title: 'Payout of {{amount}} did not arrive',
      body: 'The money is not lost. Please check your bank details.',
    },
    de: {
      subject: 'Deine Auszahlung über {{amount}} ist nicht angekommen',
      paragraphs: [
        '{{#if sentBack}}Deine Bank hat uns {{amount}} zurückgeschickt.{{else}}Wir konnten dir {{amount}} nicht auszahlen.{{/if}}',
        'Das Geld ist nicht verloren. Bitte prüfe deine Bankverbindung; stimmt sie, melde dich bei uns.',
      ],
      button: 'Bankverbindung prüfen',
      title: 'Auszahlung über {{amount}} nicht angekommen',
      body: 'Das Geld ist nicht verloren. Bitte prüfe deine Bankverbindung.',
    },
    es: {
      subject: 'Tu pago de {{amount}} no ha llegado',
      paragraphs: [
        '{{#if sentBack}}Tu banco nos ha devuelto {{amount}}.{{else}}No hemos podido pagarte {{amount}}.{{/if}}',
        'El dinero no se ha perdido. Comprueba tus datos bancarios; si son correctos, escríbenos.',
      ],
      button: 'Comprobar datos bancarios',
      title: 'El pago de {{amount}} no ha llegado',
      body: 'El dinero no se ha perdido. Comprueba tus datos bancarios.',
    },
  },
});

export const payoutFailed: Message<typeof template.variables> = {
  template,
  on: [PAYOUT_EVENTS.failed, PAYOUT_EVENTS.bounced],
  causes({ type, payload }) {
    const { payoutId, amount, currency } = payload as unknown as PayoutTold;
    const sentBack = type === PAYOUT_EVENTS.bounced;
    // A payout fails once, in whichever way: he hears of it once.
    return Promise.resolve([
      { key: `payout_failed:${payoutId}`, invoiceId: null, figures: { amount, currency, sentBack } },
    ]);
  },
  values({ figures, appUrl }) {
    return Promise.resolve({ amount: moneyFigures(figures), sentBack: figures['sentBack'] === true, appUrl });
  },
};
