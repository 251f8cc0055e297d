import { RETRY_EVENTS } from '../../retry';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { ASK_REQUIRED, ASK_SAMPLE, ASK_UNTIL, ASK_VARIABLES, askCauses, askValues } from './payment-asked';

const template = defineTemplate({
  key: 'action_required',
  topic: 'billing',
  // The bank's own window for it is short.
  urgent: true,
  variables: ASK_VARIABLES,
  required: ASK_REQUIRED,
  link: 'payUrl',
  sample: ASK_SAMPLE,
  wording: {
    en: {
      subject: '{{#if again}}Reminder: {{/if}}Please confirm your payment of {{amount}}',
      paragraphs: [
        'Your bank wants you to confirm the payment of {{amount}}{{#if plan}} for {{plan}}{{/if}}. It takes a minute.',
        ASK_UNTIL.en,
      ],
      button: 'Confirm payment',
      title: '{{#if again}}Reminder: {{/if}}Confirm your payment of {{amount}}',
      body: ASK_UNTIL.en,
    },
    de: {
      subject: '{{#if again}}Erinnerung: {{/if}}Bitte bestätige deine Zahlung über {{amount}}',
      paragraphs: [
        'Deine Bank möchte, dass du die Zahlung über {{amount}}{{#if plan}} für {{plan}}{{/if}} bestätigst. Das dauert eine Minute.',
        ASK_UNTIL.de,
      ],
      button: 'Zahlung bestätigen',
      title: '{{#if again}}Erinnerung: {{/if}}Bestätige deine Zahlung über {{amount}}',
      body: ASK_UNTIL.de,
    },
    es: {
      subject: '{{#if again}}Recordatorio: {{/if}}Confirma tu pago de {{amount}}',
      paragraphs: [
        'Tu banco necesita que confirmes el pago de {{amount}}{{#if plan}} por {{plan}}{{/if}}. Solo lleva un minuto.',
        ASK_UNTIL.es,
      ],
      button: 'Confirmar el pago',
      title: '{{#if again}}Recordatorio: {{/if}}Confirma tu pago de {{amount}}',
      body: ASK_UNTIL.es,
    },
  },
});

export const actionRequired: Message<typeof ASK_VARIABLES> = {
  template,
  on: [RETRY_EVENTS.reminderDue, RETRY_EVENTS.actionRequired],
  asksForPayment: true,
  causes: (event) => Promise.resolve(askCauses(event, 'confirmation')),
  values: askValues,
};
