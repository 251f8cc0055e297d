import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import { moneyFigures, type Message } from './message';

const template = defineTemplate({
  key: 'refund_sent',
  topic: 'payments',
  urgent: false,
  variables: { amount: 'money' },
  sample: { amount: { amount: 2900, currency: 'USD' } },
  wording: {
    en: {
      subject: 'Your refund of {{amount}}',
      paragraphs: [
        'We have sent {{amount}} back to the card or account you paid with.',
        'Depending on your bank, it takes up to ten days until you see it.',
      ],
      title: 'Refund of {{amount}}',
      body: 'It is on its way to the card or account you paid with.',
    },
    de: {
      subject: 'Deine Erstattung über {{amount}}',
      paragraphs: [
        'Wir haben {{amount}} auf die Karte oder das Konto zurücküberwiesen, womit du bezahlt hast.',
        'Je nach Bank dauert es bis zu zehn Tage, bis du es siehst.',
      ],
      title: 'Erstattung über {{amount}}',
      body: 'Sie ist auf dem Weg zu der Karte oder dem Konto, womit du bezahlt hast.',
    },
    es: {
      subject: 'Tu reembolso de {{amount}}',
      paragraphs: [
        'Hemos devuelto {{amount}} a la tarjeta o cuenta con la que pagaste.',
        'Según tu banco, puede tardar hasta diez días en aparecer.',
      ],
      title: 'Reembolso de {{amount}}',
      body: 'Está en camino a la tarjeta o cuenta con la que pagaste.',
    },
  },
});

interface Payload {
  refundId: string;
  amount: number;
  currency: string;
  status: string;
}

export const refundSent: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.refundUpdated],
  causes({ payload }) {
    const { refundId, amount, currency, status } = payload as unknown as Payload;
    if (status !== 'succeeded') return Promise.resolve([]);
    return Promise.resolve([{ key: `refund_sent:${refundId}`, invoiceId: null, figures: { amount, currency } }]);
  },
  values({ figures }) {
    return Promise.resolve({ amount: moneyFigures(figures) });
  },
};
