import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { stepCauses } from './subscription-steps';

const template = defineTemplate({
  key: 'subscription_resumed',
  topic: 'subscription',
  urgent: false,
  variables: { plan: 'text', amount: 'money', renewsOn: 'date' },
  sample: { plan: 'Pro', amount: { amount: 2900, currency: 'USD' }, renewsOn: '2026-02-15T10:00:00Z' },
  wording: {
    en: {
      subject: 'Your subscription goes on',
      paragraphs: [
        'Your subscription of {{plan}} goes on. It renews on {{renewsOn}} for {{amount}}.',
        'If this was not you, please write to us.',
      ],
      title: 'Subscription resumed',
      body: '{{plan}} is yours again and renews on {{renewsOn}} for {{amount}}.',
    },
    de: {
      subject: 'Dein Abo geht weiter',
      paragraphs: [
        'Dein Abo {{plan}} geht weiter. Es verlängert sich am {{renewsOn}} für {{amount}}.',
        'Falls du das nicht warst, schreib uns bitte.',
      ],
      title: 'Abo fortgesetzt',
      body: 'Du hast {{plan}} wieder; Verlängerung am {{renewsOn}} für {{amount}}.',
    },
    es: {
      subject: 'Tu suscripción continúa',
      paragraphs: [
        'Tu suscripción a {{plan}} continúa. Se renueva el {{renewsOn}} por {{amount}}.',
        'Si no has sido tú, escríbenos.',
      ],
      title: 'Suscripción reanudada',
      body: 'Vuelves a tener {{plan}}; se renueva el {{renewsOn}} por {{amount}}.',
    },
  },
});

export const subscriptionResumed: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.subscriptionUpdated],
  causes: (event, look) => stepCauses(event, look, 'subscription_resumed', ['resumed']),
  async values({ figures }, look) {
    const subscription = await look.subscription(String(figures['subscriptionId']));
    if (subscription?.status !== 'active' && subscription?.status !== 'trialing') return null;
    const { plan, amount, currency, currentPeriodEnd } = subscription;
    return { plan, amount: { amount, currency }, renewsOn: currentPeriodEnd.toISOString() };
  },
};
