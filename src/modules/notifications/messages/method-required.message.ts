import { RETRY_EVENTS } from '../../retry';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { ASK_REQUIRED, ASK_SAMPLE, ASK_UNTIL, ASK_VARIABLES, askCauses, askValues } from './payment-asked';

const template = defineTemplate({
  key: 'method_required',
  topic: 'billing',
  urgent: false,
  variables: ASK_VARIABLES,
  required: ASK_REQUIRED,
  link: 'payUrl',
  sample: ASK_SAMPLE,
  wording: {
    en: {
      subject: '{{#if again}}Reminder: {{/if}}Your card was declined: please pay {{amount}} another way',
      paragraphs: [
        'Your bank has declined the payment of {{amount}}{{#if plan}} for {{plan}}{{/if}}, and will not take it from this card.',
        'Please pay with another card.',
        ASK_UNTIL.en,
      ],
      button: 'Pay with another card',
      title: '{{#if again}}Reminder: {{/if}}Your card was declined',
      body: 'Please pay {{amount}} with another card. ' + ASK_UNTIL.en,
    },
    de: {
      subject: '{{#if again}}Erinnerung: {{/if}}Deine Karte wurde abgelehnt: bitte bezahle {{amount}} anders',
      paragraphs: [
        'Deine Bank hat die Zahlung über {{amount}}{{#if plan}} für {{plan}}{{/if}} abgelehnt und lässt sie mit dieser Karte nicht zu.',
        'Bitte bezahle mit einer anderen Karte.',
        ASK_UNTIL.de,
      ],
      button: 'Mit anderer Karte bezahlen',
      title: '{{#if again}}Erinnerung: {{/if}}Deine Karte wurde abgelehnt',
      body: 'Bitte bezahle {{amount}} mit einer anderen Karte. ' + ASK_UNTIL.de,
    },
    es: {
      subject: '{{#if again}}Recordatorio: {{/if}}Tu tarjeta ha sido rechazada: paga {{amount}} de otra forma',
      paragraphs: [
        'Tu banco ha rechazado el pago de {{amount}}{{#if plan}} por {{plan}}{{/if}} y no lo permitirá con esta tarjeta.',
        'Paga con otra tarjeta.',
        ASK_UNTIL.es,
      ],
      button: 'Pagar con otra tarjeta',
      title: '{{#if again}}Recordatorio: {{/if}}Tu tarjeta ha sido rechazada',
      body: 'Paga {{amount}} con otra tarjeta. ' + ASK_UNTIL.es,
    },
  },
});

export const methodRequired: Message<typeof ASK_VARIABLES> = {
  template,
  on: [RETRY_EVENTS.reminderDue, RETRY_EVENTS.methodRequired],
  asksForPayment: true,
  causes: (event) => Promise.resolve(askCauses(event, 'new_method')),
  values: askValues,
};
