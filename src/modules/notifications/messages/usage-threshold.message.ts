import { defineTemplate } from '../domain/template';
import { TOLD_EVENTS, type UsageThreshold } from '../notifications.events';
import type { Message } from './message';

const template = defineTemplate({
  key: 'usage_threshold',
  topic: 'usage',
  urgent: false,
  variables: {
    ...{ meter: 'text', percent: 'count', used: 'count', limit: 'count' },
    ...{ periodEnd: 'date', all: 'flag', appUrl: 'url?' },
  },
  link: 'appUrl',
  sample: {
    ...{ meter: 'API calls', percent: 80, used: 8_000, limit: 10_000 },
    ...{ periodEnd: '2026-02-15T10:00:00Z', all: false, appUrl: 'https://app.example.com/billing' },
  },
  wording: {
    en: {
      subject:
        '{{#if all}}You have used all of your {{meter}}{{else}}You have used {{percent}}% of your {{meter}}{{/if}}',
      paragraphs: [
        'You have used {{used}} of {{limit}} {{meter}} that your plan includes until {{periodEnd}}.',
        '{{#unless all}}With a larger plan you would have more.{{/unless}}',
      ],
      button: 'See plans',
      title: '{{meter}}: {{percent}}% used',
      body: '{{used}} of {{limit}} until {{periodEnd}}.',
    },
    de: {
      subject:
        '{{#if all}}Du hast alles verbraucht: {{meter}}{{else}}Du hast {{percent}} % verbraucht: {{meter}}{{/if}}',
      paragraphs: [
        'Du hast {{used}} von {{limit}} verbraucht, die dein Tarif bis zum {{periodEnd}} enthält: {{meter}}.',
        '{{#unless all}}In einem größeren Tarif hättest du mehr.{{/unless}}',
      ],
      button: 'Tarife ansehen',
      title: '{{meter}}: {{percent}} % verbraucht',
      body: '{{used}} von {{limit}} bis zum {{periodEnd}}.',
    },
    es: {
      subject: '{{#if all}}Lo has usado todo: {{meter}}{{else}}Has usado el {{percent}} %: {{meter}}{{/if}}',
      paragraphs: [
        'Has usado {{used}} de {{limit}} que incluye tu plan hasta el {{periodEnd}}: {{meter}}.',
        '{{#unless all}}Con un plan mayor tendrías más.{{/unless}}',
      ],
      button: 'Ver planes',
      title: '{{meter}}: {{percent}} % usado',
      body: '{{used}} de {{limit}} hasta el {{periodEnd}}.',
    },
  },
});

export const usageThreshold: Message<typeof template.variables> = {
  template,
  on: [TOLD_EVENTS.usageThreshold],
  causes({ objectId, payload }) {
    const { meter, name, threshold, used, limit, periodStart, periodEnd } = payload as unknown as UsageThreshold;
    const key = `usage_threshold:${objectId}:${meter}:${periodStart}:${threshold}`;
    return Promise.resolve([{ key, invoiceId: null, figures: { name, threshold, used, limit, periodEnd } }]);
  },
  values({ figures, now, appUrl }) {
    const { name, threshold, used, limit, periodEnd } = figures as unknown as UsageThreshold;
    if (new Date(periodEnd) <= now) return Promise.resolve(null);
    return Promise.resolve({ meter: name, percent: threshold, used, limit, periodEnd, all: threshold >= 100, appUrl });
  },
};
