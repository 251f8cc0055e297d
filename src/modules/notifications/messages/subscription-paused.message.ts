import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { stepCauses } from './subscription-steps';

const template = defineTemplate({
  key: 'subscription_paused',
  topic: 'subscription',
  urgent: false,
  variables: { plan: 'text', appUrl: 'url?' },
  link: 'appUrl',
  sample: { plan: 'Pro', appUrl: 'https://app.example.com/billing' },
  wording: {
    en: {
      subject: 'Your subscription is paused',
      paragraphs: [
        'Your subscription of {{plan}} is paused. Until you resume it nothing is charged, and you cannot use it.',
        'If you have paid for time you did not use, it is taken off the next invoice.',
      ],
      button: 'Resume subscription',
      title: 'Subscription paused',
      body: '{{plan}} is paused until you resume it. Nothing is charged meanwhile.',
    },
    de: {
      subject: 'Dein Abo pausiert',
      paragraphs: [
        'Dein Abo {{plan}} pausiert. Bis du es fortsetzt, wird nichts abgebucht, und du kannst es nicht nutzen.',
        'Falls du Zeit bezahlt und nicht genutzt hast, wird sie von der nächsten Rechnung abgezogen.',
      ],
      button: 'Abo fortsetzen',
      title: 'Abo pausiert',
      body: '{{plan}} pausiert, bis du es fortsetzt. So lange wird nichts abgebucht.',
    },
    es: {
      subject: 'Tu suscripción está en pausa',
      paragraphs: [
        'Tu suscripción a {{plan}} está en pausa. Hasta que la reanudes no se cobrará nada y no podrás usarla.',
        'Si has pagado tiempo que no has usado, se descontará de la próxima factura.',
      ],
      button: 'Reanudar la suscripción',
      title: 'Suscripción en pausa',
      body: '{{plan}} está en pausa hasta que la reanudes. Mientras tanto no se cobra nada.',
    },
  },
});

export const subscriptionPaused: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.subscriptionUpdated],
  causes: (event, look) => stepCauses(event, look, 'subscription_paused', ['paused']),
  async values({ figures, appUrl }, look) {
    const subscription = await look.subscription(String(figures['subscriptionId']));
    return subscription?.status === 'paused' ? { plan: subscription.plan, appUrl } : null;
  },
};
