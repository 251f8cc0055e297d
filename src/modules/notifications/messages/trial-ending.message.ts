import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import { daysUntil, type Message } from './message';

const template = defineTemplate({
  key: 'trial_ending',
  topic: 'billing',
  urgent: false,
  variables: { plan: 'text', amount: 'money', endsOn: 'date', daysLeft: 'days', appUrl: 'url?' },
  link: 'appUrl',
  // The card networks' rules for trials: when it ends, what is charged then, and where to end it.
  required: ['amount', 'endsOn', 'appUrl'],
  sample: {
    plan: 'Pro',
    amount: { amount: 2900, currency: 'USD' },
    endsOn: '2026-01-29T10:00:00Z',
    daysLeft: 3,
    appUrl: 'https://app.example.com/billing',
  },
  wording: {
    en: {
      subject: 'Your trial of {{plan}} ends on {{endsOn}}',
      paragraphs: [
        'Your free trial of {{plan}} ends in {{daysLeft}}, on {{endsOn}}.',
        'If you keep it, {{amount}} will be charged on that day. If you do not, cancel before then and nothing is charged.',
      ],
      button: 'Manage subscription',
      title: 'Your trial ends in {{daysLeft}}',
      body: 'After {{endsOn}}, {{plan}} costs {{amount}}.',
    },
    de: {
      subject: 'Deine Testphase für {{plan}} endet am {{endsOn}}',
      paragraphs: [
        'Deine kostenlose Testphase für {{plan}} endet in {{daysLeft}}, am {{endsOn}}.',
        'Wenn du dabeibleibst, werden an diesem Tag {{amount}} abgebucht. Wenn nicht, kündige vorher; dann wird nichts abgebucht.',
      ],
      button: 'Abo verwalten',
      title: 'Deine Testphase endet in {{daysLeft}}',
      body: 'Nach dem {{endsOn}} kostet {{plan}} {{amount}}.',
    },
    es: {
      subject: 'Tu periodo de prueba de {{plan}} termina el {{endsOn}}',
      paragraphs: [
        'Tu prueba gratuita de {{plan}} termina en {{daysLeft}}, el {{endsOn}}.',
        'Si continúas, ese día se cobrarán {{amount}}. Si no, cancela antes y no se te cobrará nada.',
      ],
      button: 'Gestionar la suscripción',
      title: 'Tu prueba termina en {{daysLeft}}',
      body: 'Después del {{endsOn}}, {{plan}} cuesta {{amount}}.',
    },
  },
});

export const trialEnding: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.trialEnding],
  causes({ payload }) {
    const { subscriptionId, trialEndsAt } = payload as { subscriptionId: string; trialEndsAt: string };
    const key = `trial_ending:${subscriptionId}:${trialEndsAt}`;
    return Promise.resolve([{ key, invoiceId: null, figures: { subscriptionId } }]);
  },
  async values({ figures, now, appUrl }, look) {
    const subscription = await look.subscription(String(figures['subscriptionId']));
    const endsAt = subscription?.trialEndsAt;
    if (subscription?.status !== 'trialing' || !endsAt || endsAt <= now || subscription.cancelAtPeriodEnd) return null;
    const { plan, amount, currency } = subscription;
    return {
      plan,
      amount: { amount, currency },
      endsOn: endsAt.toISOString(),
      daysLeft: daysUntil(endsAt, now),
      appUrl,
    };
  },
};
