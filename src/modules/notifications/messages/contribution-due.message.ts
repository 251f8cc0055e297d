import { defineTemplate } from '../domain/template';
import { TOLD_EVENTS, type ContributionTold } from '../notifications.events';
import { moneyFigures, type Message } from './message';

const template = defineTemplate({
  key: 'contribution_due',
  topic: 'pods',
  urgent: false,
  variables: { amount: 'money', dueOn: 'date', appUrl: 'url?' },
  link: 'appUrl',
  required: ['amount', 'dueOn'],
  sample: {
    amount: { amount: 5_000, currency: 'USD' },
    dueOn: '2026-02-01T10:00:00Z',
    appUrl: 'https://app.example.com/pods',
  },
  wording: {
    en: {
      subject: 'Your contribution of {{amount}} is due on {{dueOn}}',
      paragraphs: ['Your next contribution to your pod, {{amount}}, will be collected on {{dueOn}}.'],
      button: 'See your pod',
      title: 'Contribution of {{amount}} due',
      body: 'It will be collected on {{dueOn}}.',
    },
    de: {
      subject: 'Dein Beitrag von {{amount}} ist am {{dueOn}} fällig',
      paragraphs: ['Dein nächster Beitrag zu deinem Pod, {{amount}}, wird am {{dueOn}} eingezogen.'],
      button: 'Pod ansehen',
      title: 'Beitrag von {{amount}} fällig',
      body: 'Er wird am {{dueOn}} eingezogen.',
    },
    es: {
      subject: 'Tu aportación de {{amount}} vence el {{dueOn}}',
      paragraphs: ['Tu próxima aportación a tu pod, {{amount}}, se cobrará el {{dueOn}}.'],
      button: 'Ver tu pod',
      title: 'Aportación de {{amount}} pendiente',
      body: 'Se cobrará el {{dueOn}}.',
    },
  },
});

export const contributionDue: Message<typeof template.variables> = {
  template,
  on: [TOLD_EVENTS.contributionDue],
  causes({ payload }) {
    const { contributionId, amount, currency, dueAt } = payload as unknown as ContributionTold;
    // Put off, it is due anew.
    const key = `contribution_due:${contributionId}:${dueAt}`;
    return Promise.resolve([{ key, invoiceId: null, figures: { amount, currency, dueAt } }]);
  },
  values({ figures, now, appUrl }) {
    const dueOn = String(figures['dueAt']);
    return Promise.resolve(new Date(dueOn) < now ? null : { amount: moneyFigures(figures), dueOn, appUrl });
  },
};
