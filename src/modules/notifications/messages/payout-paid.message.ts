import { PAYOUT_EVENTS } from '../../payouts';
import { defineTemplate } from '../domain/template';
import type { PayoutTold } from '../notifications.events';
import { moneyFigures, type Message } from './message';

const template = defineTemplate({
  key: 'payout_paid',
  topic: 'payouts',
  urgent: false,
  variables: { amount: 'money' },
  sample: { amount: { amount: 12_500, currency: 'EUR' } },
  wording: {
    en: {
      subject: 'We have paid you {{amount}}',
      paragraphs: ['Your payout of {{amount}} is done. It may take your bank a day or two until you see it.'],
      title: 'Payout of {{amount}}',
      body: 'It is on its way to your bank account.',
    },
    de: {
      subject: 'Wir haben dir {{amount}} ausgezahlt',
      paragraphs: ['Deine Auszahlung über {{amount}} ist raus. Je nach Bank siehst du sie in ein bis zwei Tagen.'],
      title: 'Auszahlung über {{amount}}',
      body: 'Sie ist auf dem Weg auf dein Bankkonto.',
    },
    es: {
      subject: 'Te hemos pagado {{amount}}',
      paragraphs: ['Tu pago de {{amount}} está hecho. Tu banco puede tardar uno o dos días en mostrarlo.'],
      title: 'Pago de {{amount}}',
      body: 'Está en camino a tu cuenta bancaria.',
    },
  },
});

export const payoutPaid: Message<typeof template.variables> = {
  template,
  on: [PAYOUT_EVENTS.paid],
  causes({ payload }) {
    const { payoutId, amount, currency } = payload as unknown as PayoutTold;
    return Promise.resolve([{ key: `payout_paid:${payoutId}`, invoiceId: null, figures: { amount, currency } }]);
  },
  values({ figures }) {
    return Promise.resolve({ amount: moneyFigures(figures) });
  },
};
