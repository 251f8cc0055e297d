import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { stepCauses } from './subscription-steps';

const template = defineTemplate({
  key: 'subscription_canceled',
  topic: 'subscription',
  urgent: false,
  variables: { plan: 'text', appUrl: 'url?' },
  link: 'appUrl',
  sample: { plan: 'Pro', appUrl: 'https://app.example.com/billing' },
  wording: {
    en: {
      subject: 'Your subscription of {{plan}} has ended',
      paragraphs: [
        'Your subscription of {{plan}} has ended. Nothing more is charged.',
        'You are welcome back at any time.',
      ],
      button: 'Subscribe again',
      title: 'Subscription ended',
      body: 'Your subscription of {{plan}} has ended. Nothing more is charged.',
    },
    de: {
      subject: 'Dein Abo {{plan}} ist beendet',
      paragraphs: [
        'Dein Abo {{plan}} ist beendet. Es wird nichts mehr abgebucht.',
        'Du bist jederzeit wieder willkommen.',
      ],
      button: 'Neues Abo abschließen',
      title: 'Abo beendet',
      body: 'Dein Abo {{plan}} ist beendet. Es wird nichts mehr abgebucht.',
    },
    es: {
      subject: 'Tu suscripción a {{plan}} ha terminado',
      paragraphs: ['Tu suscripción a {{plan}} ha terminado. No se cobrará nada más.', 'Puedes volver cuando quieras.'],
      button: 'Volver a suscribirme',
      title: 'Suscripción terminada',
      body: 'Tu suscripción a {{plan}} ha terminado. No se cobrará nada más.',
    },
  },
});

export const subscriptionCanceled: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.subscriptionUpdated],
  causes: (event, look) => stepCauses(event, look, 'subscription_canceled', ['canceled', 'expired']),
  async values({ figures, appUrl }, look) {
    const subscription = await look.subscription(String(figures['subscriptionId']));
    return subscription?.status === 'canceled' ? { plan: subscription.plan, appUrl } : null;
  },
};
