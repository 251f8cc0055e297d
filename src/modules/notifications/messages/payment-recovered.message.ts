import { RETRY_EVENTS } from '../../retry';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';

const template = defineTemplate({
  key: 'payment_recovered',
  topic: 'payments',
  urgent: false,
  variables: { plan: 'text?', amount: 'money' },
  sample: { plan: 'Pro', amount: { amount: 2900, currency: 'USD' } },
  wording: {
    en: {
      subject: 'Thank you: your payment of {{amount}} went through',
      paragraphs: [
        'We have received {{amount}}{{#if plan}} for {{plan}}{{/if}}. Thank you!',
        'Your access goes on, and there is nothing left for you to do.',
      ],
      title: 'Payment received',
      body: 'Thank you for {{amount}}. Your access goes on.',
    },
    de: {
      subject: 'Danke: deine Zahlung über {{amount}} hat geklappt',
      paragraphs: [
        'Wir haben {{amount}}{{#if plan}} für {{plan}}{{/if}} erhalten. Danke!',
        'Dein Zugang bleibt bestehen, und du musst nichts weiter tun.',
      ],
      title: 'Zahlung erhalten',
      body: 'Danke für {{amount}}. Dein Zugang bleibt bestehen.',
    },
    es: {
      subject: 'Gracias: tu pago de {{amount}} se ha realizado',
      paragraphs: [
        'Hemos recibido {{amount}}{{#if plan}} por {{plan}}{{/if}}. ¡Gracias!',
        'Tu acceso continúa y no tienes que hacer nada más.',
      ],
      title: 'Pago recibido',
      body: 'Gracias por {{amount}}. Tu acceso continúa.',
    },
  },
});

export const paymentRecovered: Message<typeof template.variables> = {
  template,
  on: [RETRY_EVENTS.recovered],
  causes({ payload }) {
    const { invoiceId } = payload as { invoiceId: string };
    return Promise.resolve([{ key: `payment_recovered:${invoiceId}`, invoiceId, figures: {} }]);
  },
  async values({ invoiceId }, look) {
    const invoice = invoiceId === null ? null : await look.invoice(invoiceId);
    if (invoice?.status !== 'paid') return null;
    return { plan: invoice.plan, amount: { amount: invoice.amountPaid, currency: invoice.currency } };
  },
};
