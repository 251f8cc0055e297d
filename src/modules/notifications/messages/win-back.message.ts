import { RETRY_EVENTS } from '../../retry';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';

const template = defineTemplate({
  key: 'win_back',
  topic: 'offers',
  urgent: false,
  variables: { plan: 'text', appUrl: 'url?' },
  link: 'appUrl',
  sample: { plan: 'Pro', appUrl: 'https://app.example.com/billing' },
  wording: {
    en: {
      subject: 'We would like to have you back',
      paragraphs: [
        'Your subscription of {{plan}} has ended because a payment did not go through. Everything is as you left it.',
        'Subscribe again with any card, and go on where you stopped.',
      ],
      button: 'Come back',
      title: 'Come back to {{plan}}',
      body: 'Everything is as you left it. Subscribe again with any card.',
    },
    de: {
      subject: 'Wir hätten dich gern wieder dabei',
      paragraphs: [
        'Dein Abo {{plan}} ist beendet, weil eine Zahlung nicht geklappt hat. Alles ist noch so, wie du es verlassen hast.',
        'Schließe mit einer beliebigen Karte ein neues Abo ab und mach da weiter, wo du aufgehört hast.',
      ],
      button: 'Zurückkommen',
      title: 'Komm zurück zu {{plan}}',
      body: 'Alles ist noch so, wie du es verlassen hast. Eine beliebige Karte genügt.',
    },
    es: {
      subject: 'Nos gustaría tenerte de vuelta',
      paragraphs: [
        'Tu suscripción a {{plan}} terminó porque un pago no se realizó. Todo está como lo dejaste.',
        'Suscríbete de nuevo con cualquier tarjeta y continúa donde lo dejaste.',
      ],
      button: 'Volver',
      title: 'Vuelve a {{plan}}',
      body: 'Todo está como lo dejaste. Suscríbete de nuevo con cualquier tarjeta.',
    },
  },
});

export const winBack: Message<typeof template.variables> = {
  template,
  on: [RETRY_EVENTS.exhausted],
  causes({ payload }) {
    const { invoiceId, subscriptionId } = payload as { invoiceId: string; subscriptionId: string };
    return Promise.resolve([{ key: `win_back:${invoiceId}`, invoiceId: null, figures: { subscriptionId } }]);
  },
  async values({ figures, appUrl }, look) {
    const subscription = await look.subscription(String(figures['subscriptionId']));
    if (!subscription || ['active', 'trialing'].includes(subscription.status)) return null;
    return { plan: subscription.plan, appUrl };
  },
};
