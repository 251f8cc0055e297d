import { defineTemplate } from '../domain/template';
import { TOLD_EVENTS, type ContributionTold } from '../notifications.events';
import { moneyFigures, type Message } from './message';
import { ASK_REQUIRED } from './payment-asked';

const template = defineTemplate({
  key: 'contribution_failed',
  topic: 'pods',
  urgent: false,
  variables: { amount: 'money', dueOn: 'date', payUrl: 'url?' },
  link: 'payUrl',
  required: ASK_REQUIRED,
  sample: {
    amount: { amount: 5_000, currency: 'USD' },
    dueOn: '2026-02-01T10:00:00Z',
    payUrl: 'https://invoice.stripe.com/i/acct_1/test_1',
  },
  wording: {
    en: {
      subject: 'Your contribution of {{amount}} could not be collected',
      paragraphs: [
        'Your contribution to your pod of {{dueOn}}, {{amount}}, could not be collected. Please pay it now, so that your pod is not short of it.',
      ],
      button: 'Pay now',
      title: 'Contribution of {{amount}} failed',
      body: 'It was due on {{dueOn}}. Please pay it now.',
    },
    de: {
      subject: 'Dein Beitrag von {{amount}} konnte nicht eingezogen werden',
      paragraphs: [
        'Dein Beitrag zu deinem Pod vom {{dueOn}}, {{amount}}, konnte nicht eingezogen werden. Bitte zahle ihn jetzt, damit er deinem Pod nicht fehlt.',
      ],
      button: 'Jetzt bezahlen',
      title: 'Beitrag von {{amount}} fehlgeschlagen',
      body: 'Er war am {{dueOn}} fällig. Bitte zahle ihn jetzt.',
    },
    es: {
      subject: 'No se ha podido cobrar tu aportación de {{amount}}',
      paragraphs: [
        'No se ha podido cobrar tu aportación a tu pod del {{dueOn}}, {{amount}}. Págala ahora para que no le falte a tu pod.',
      ],
      button: 'Pagar ahora',
      title: 'La aportación de {{amount}} ha fallado',
      body: 'Vencía el {{dueOn}}. Págala ahora.',
    },
  },
});

export const contributionFailed: Message<typeof template.variables> = {
  template,
  on: [TOLD_EVENTS.contributionFailed],
  asksForPayment: true,
  causes({ payload }) {
    const { contributionId, amount, currency, dueAt, invoiceId } = payload as unknown as ContributionTold;
    const key = `contribution_failed:${contributionId}:${dueAt}`;
    return Promise.resolve([{ key, invoiceId, figures: { amount, currency, dueAt } }]);
  },
  values({ figures, payUrl, appUrl }) {
    const dueOn = String(figures['dueAt']);
    return Promise.resolve({ amount: moneyFigures(figures), dueOn, payUrl: payUrl ?? appUrl });
  },
};
