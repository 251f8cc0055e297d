import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';
import { stepCauses } from './subscription-steps';

const template = defineTemplate({
  key: 'cancellation_scheduled',
  topic: 'subscription',
  urgent: false,
  variables: { plan: 'text', endsOn: 'date', appUrl: 'url?' },
  link: 'appUrl',
  sample: { plan: 'Pro', endsOn: '2026-02-15T10:00:00Z', appUrl: 'https://app.example.com/billing' },
  wording: {
    en: {
      subject: 'Your subscription ends on {{endsOn}}',
      paragraphs: [
        'Your subscription of {{plan}} is canceled and ends on {{endsOn}}. Until then everything stays as it is, and nothing more is charged.',
        'If you change your mind, you can resume it until that day.',
      ],
      button: 'Resume subscription',
      title: 'Subscription canceled',
      body: '{{plan}} stays yours until {{endsOn}}. You can resume it until then.',
    },
    de: {
      subject: 'Dein Abo endet am {{endsOn}}',
      paragraphs: [
        'Dein Abo {{plan}} ist gekündigt und endet am {{endsOn}}. Bis dahin bleibt alles, wie es ist, und es wird nichts mehr abgebucht.',
        'Wenn du es dir anders überlegst, kannst du es bis dahin fortsetzen.',
      ],
      button: 'Abo fortsetzen',
      title: 'Abo gekündigt',
      body: '{{plan}} bleibt dir bis zum {{endsOn}}. Bis dahin kannst du es fortsetzen.',
    },
    es: {
      subject: 'Tu suscripción termina el {{endsOn}}',
      paragraphs: [
        'Tu suscripción a {{plan}} está cancelada y termina el {{endsOn}}. Hasta entonces todo sigue igual y no se cobrará nada más.',
        'Si cambias de opinión, puedes reanudarla hasta ese día.',
      ],
      button: 'Reanudar la suscripción',
      title: 'Suscripción cancelada',
      body: 'Conservas {{plan}} hasta el {{endsOn}}. Puedes reanudarla hasta entonces.',
    },
  },
});

export const cancellationScheduled: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.subscriptionUpdated],
  causes: (event, look) => stepCauses(event, look, 'cancellation_scheduled', ['cancellation_scheduled']),
  async values({ figures, appUrl }, look) {
    const subscription = await look.subscription(String(figures['subscriptionId']));
    if (!subscription?.cancelAtPeriodEnd || subscription.status === 'canceled') return null;
    return { plan: subscription.plan, endsOn: subscription.currentPeriodEnd.toISOString(), appUrl };
  },
};
