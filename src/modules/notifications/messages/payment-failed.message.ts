import { RETRY_EVENTS } from '../../retry';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { ASK_REQUIRED, ASK_SAMPLE, ASK_UNTIL, ASK_VARIABLES, askCauses, askValues } from './payment-asked';

const template = defineTemplate({
  key: 'payment_failed',
  topic: 'billing',
  urgent: false,
  variables: ASK_VARIABLES,
  required: ASK_REQUIRED,
  link: 'payUrl',
  sample: ASK_SAMPLE,
  wording: {
    en: {
      subject: '{{#if again}}Reminder: {{/if}}Your payment of {{amount}} did not go through',
      paragraphs: [
        'We could not collect {{amount}}{{#if plan}} for {{plan}}{{/if}}. We will try again, and you can pay it now yourself.',
        ASK_UNTIL.en,
      ],
      button: 'Pay now',
      title: '{{#if again}}Reminder: {{/if}}Payment of {{amount}} failed',
      body: ASK_UNTIL.en,
    },
    de: {
      subject: '{{#if again}}Erinnerung: {{/if}}Deine Zahlung über {{amount}} hat nicht geklappt',
      paragraphs: [
        'Wir konnten {{amount}}{{#if plan}} für {{plan}}{{/if}} nicht abbuchen. Wir versuchen es noch einmal, und du kannst jetzt auch selbst bezahlen.',
        ASK_UNTIL.de,
      ],
      button: 'Jetzt bezahlen',
      title: '{{#if again}}Erinnerung: {{/if}}Zahlung über {{amount}} fehlgeschlagen',
      body: ASK_UNTIL.de,
    },
    es: {
      subject: '{{#if again}}Recordatorio: {{/if}}Tu pago de {{amount}} no se ha realizado',
      paragraphs: [
        'No hemos podido cobrar {{amount}}{{#if plan}} por {{plan}}{{/if}}. Volveremos a intentarlo, y también puedes pagar ahora.',
        ASK_UNTIL.es,
      ],
      button: 'Pagar ahora',
      title: '{{#if again}}Recordatorio: {{/if}}El pago de {{amount}} ha fallado',
      body: ASK_UNTIL.es,
    },
  },
});

export const paymentFailed: Message<typeof ASK_VARIABLES> = {
  template,
  on: [RETRY_EVENTS.reminderDue],
  asksForPayment: true,
  causes: (event) => Promise.resolve(askCauses(event, 'nothing')),
  values: askValues,
};
