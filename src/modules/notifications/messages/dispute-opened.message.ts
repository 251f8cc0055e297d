import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import { moneyFigures, type Message } from './message';

const template = defineTemplate({
  key: 'dispute_opened',
  topic: 'payments',
  urgent: false,
  variables: { amount: 'money' },
  sample: { amount: { amount: 2900, currency: 'USD' } },
  wording: {
    en: {
      subject: 'Your bank has taken back a payment of {{amount}}',
      paragraphs: [
        'Your bank has told us that you dispute a payment of {{amount}}, and has taken it back for now.',
        'If this was a mistake, tell your bank that you withdraw the dispute. If something was wrong, write to us: we can usually put it right faster.',
      ],
      title: 'Payment of {{amount}} disputed',
      body: 'If this was a mistake, tell your bank that you withdraw the dispute.',
    },
    de: {
      subject: 'Deine Bank hat eine Zahlung über {{amount}} zurückgeholt',
      paragraphs: [
        'Deine Bank hat uns mitgeteilt, dass du eine Zahlung über {{amount}} beanstandest, und hat sie vorläufig zurückgeholt.',
        'Falls das ein Versehen war, sage deiner Bank, dass du die Beanstandung zurückziehst. Falls etwas nicht stimmt, schreib uns: Meist lösen wir es schneller.',
      ],
      title: 'Zahlung über {{amount}} beanstandet',
      body: 'Falls das ein Versehen war, sage deiner Bank, dass du die Beanstandung zurückziehst.',
    },
    es: {
      subject: 'Tu banco ha retirado un pago de {{amount}}',
      paragraphs: [
        'Tu banco nos ha comunicado que disputas un pago de {{amount}} y lo ha retirado por ahora.',
        'Si ha sido un error, dile a tu banco que retiras la disputa. Si algo no estaba bien, escríbenos: normalmente lo resolvemos más rápido.',
      ],
      title: 'Pago de {{amount}} en disputa',
      body: 'Si ha sido un error, dile a tu banco que retiras la disputa.',
    },
  },
});

interface Payload {
  disputeId: string;
  amount: number;
  currency: string;
  status: string;
}

/** Inquiries (`warning_...`) have taken nothing yet. */
const OPEN = ['needs_response', 'under_review'];

export const disputeOpened: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.disputeUpdated],
  causes({ payload }) {
    const { disputeId, amount, currency, status } = payload as unknown as Payload;
    if (!OPEN.includes(status)) return Promise.resolve([]);
    return Promise.resolve([{ key: `dispute_opened:${disputeId}`, invoiceId: null, figures: { amount, currency } }]);
  },
  values({ figures }) {
    return Promise.resolve({ amount: moneyFigures(figures) });
  },
};
