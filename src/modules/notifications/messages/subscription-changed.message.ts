import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { stepCauses } from './subscription-steps';

const template = defineTemplate({
  key: 'subscription_changed',
  topic: 'subscription',
  urgent: false,
  variables: { plan: 'text', amount: 'money', renewsOn: 'date' },
  sample: { plan: 'Pro', amount: { amount: 29000, currency: 'USD' }, renewsOn: '2026-02-15T10:00:00Z' },
  wording: {
    en: {
      subject: 'Your subscription is now {{plan}}',
      paragraphs: [
        'Your subscription has been changed. It is now {{plan}} for {{amount}}, and renews on {{renewsOn}}.',
        'If this was not you, please write to us.',
      ],
      title: 'Subscription changed',
      body: 'You now have {{plan}} for {{amount}}, renewing on {{renewsOn}}.',
    },
    de: {
      subject: 'Dein Abo ist jetzt {{plan}}',
      paragraphs: [
        'Dein Abo wurde geändert. Es ist jetzt {{plan}} für {{amount}} und verlängert sich am {{renewsOn}}.',
        'Falls du das nicht warst, schreib uns bitte.',
      ],
      title: 'Abo geändert',
      body: 'Du hast jetzt {{plan}} für {{amount}}; Verlängerung am {{renewsOn}}.',
    },
    es: {
      subject: 'Tu suscripción es ahora {{plan}}',
      paragraphs: [
        'Tu suscripción ha cambiado. Ahora es {{plan}} por {{amount}} y se renueva el {{renewsOn}}.',
        'Si no has sido tú, escríbenos.',
      ],
      title: 'Suscripción modificada',
      body: 'Ahora tienes {{plan}} por {{amount}}; se renueva el {{renewsOn}}.',
    },
  },
});

const TYPES = ['upgraded', 'downgraded', 'cycle_changed', 'quantity_changed'];

export const subscriptionChanged: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.subscriptionUpdated],
  causes: (event, look) => stepCauses(event, look, 'subscription_changed', TYPES),
  async values({ figures }, look) {
    const subscription = await look.subscription(String(figures['subscriptionId']));
    if (subscription?.status !== 'active' && subscription?.status !== 'trialing') return null;
    const { plan, amount, currency, currentPeriodEnd } = subscription;
    return { plan, amount: { amount, currency }, renewsOn: currentPeriodEnd.toISOString() };
  },
};
