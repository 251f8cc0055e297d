import { RETRY_EVENTS } from '../../retry';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';

const template = defineTemplate({
  key: 'payment_exhausted',
  topic: 'billing',
  urgent: false,
  variables: { plan: 'text?', amount: 'money', appUrl: 'url?' },
  link: 'appUrl',
  sample: { plan: 'Pro', amount: { amount: 2900, currency: 'USD' }, appUrl: 'https://app.example.com/billing' },
  wording: {
    en: {
      subject: 'Your access{{#if plan}} to {{plan}}{{/if}} has ended',
      paragraphs: [
        'We could not collect {{amount}}, so your access{{#if plan}} to {{plan}}{{/if}} has ended. You do not owe us anything for the time after.',
        'You can subscribe again at any time.',
      ],
      button: 'Subscribe again',
      title: 'Your access has ended',
      body: 'We could not collect {{amount}}. You can subscribe again at any time.',
    },
    de: {
      subject: 'Dein Zugang{{#if plan}} zu {{plan}}{{/if}} ist beendet',
      paragraphs: [
        'Wir konnten {{amount}} nicht abbuchen; dein Zugang{{#if plan}} zu {{plan}}{{/if}} ist deshalb beendet. Für die Zeit danach schuldest du uns nichts.',
        'Du kannst jederzeit ein neues Abo abschließen.',
      ],
      button: 'Neues Abo abschließen',
      title: 'Dein Zugang ist beendet',
      body: 'Wir konnten {{amount}} nicht abbuchen. Du kannst jederzeit ein neues Abo abschließen.',
    },
    es: {
      subject: 'Tu acceso{{#if plan}} a {{plan}}{{/if}} ha terminado',
      paragraphs: [
        'No hemos podido cobrar {{amount}}, por lo que tu acceso{{#if plan}} a {{plan}}{{/if}} ha terminado. No nos debes nada por el tiempo posterior.',
        'Puedes volver a suscribirte cuando quieras.',
      ],
      button: 'Volver a suscribirme',
      title: 'Tu acceso ha terminado',
      body: 'No hemos podido cobrar {{amount}}. Puedes volver a suscribirte cuando quieras.',
    },
  },
});

export const paymentExhausted: Message<typeof template.variables> = {
  template,
  on: [RETRY_EVENTS.exhausted],
  causes({ payload }) {
    const { invoiceId } = payload as { invoiceId: string };
    return Promise.resolve([{ key: `payment_exhausted:${invoiceId}`, invoiceId, figures: {} }]);
  },
  async values({ invoiceId, appUrl }, look) {
    const invoice = invoiceId === null ? null : await look.invoice(invoiceId);
    if (!invoice || invoice.status === 'paid') return null;
    const amount = { amount: invoice.amountDue - invoice.amountPaid, currency: invoice.currency };
    return { plan: invoice.plan, amount, appUrl };
  },
};
