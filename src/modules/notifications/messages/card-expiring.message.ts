import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import type { Message } from './message';

const template = defineTemplate({
  key: 'card_expiring',
  topic: 'payments',
  urgent: false,
  variables: { card: 'text', expiry: 'text', appUrl: 'url?' },
  link: 'appUrl',
  sample: { card: 'Visa •••• 4242', expiry: '06/2026', appUrl: 'https://app.example.com/billing' },
  wording: {
    en: {
      subject: 'Your card expires soon',
      paragraphs: [
        'Your card {{card}} is good until the end of {{expiry}}. Your subscription is paid with it.',
        'Please add another card, or the new one your bank has sent you, so that the next payment goes through.',
      ],
      button: 'Update card',
      title: 'Your card expires soon',
      body: '{{card}} is good until the end of {{expiry}}. Please add another one.',
    },
    de: {
      subject: 'Deine Karte läuft bald ab',
      paragraphs: [
        'Deine Karte {{card}} ist bis Ende {{expiry}} gültig. Mit ihr wird dein Abo bezahlt.',
        'Bitte hinterlege eine andere Karte oder die neue deiner Bank, damit die nächste Zahlung klappt.',
      ],
      button: 'Karte aktualisieren',
      title: 'Deine Karte läuft bald ab',
      body: '{{card}} ist bis Ende {{expiry}} gültig. Bitte hinterlege eine andere.',
    },
    es: {
      subject: 'Tu tarjeta caduca pronto',
      paragraphs: [
        'Tu tarjeta {{card}} es válida hasta finales de {{expiry}}. Con ella se paga tu suscripción.',
        'Añade otra tarjeta, o la nueva que te haya enviado tu banco, para que el próximo pago funcione.',
      ],
      button: 'Actualizar la tarjeta',
      title: 'Tu tarjeta caduca pronto',
      body: '{{card}} es válida hasta finales de {{expiry}}. Añade otra.',
    },
  },
});

interface Payload {
  paymentMethodId: string;
  brand: string | null;
  last4: string | null;
  expMonth: number;
  expYear: number;
}

export const cardExpiring: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.paymentMethodExpiring],
  causes({ payload }) {
    const { paymentMethodId, brand, last4, expMonth, expYear } = payload as unknown as Payload;
    const key = `card_expiring:${paymentMethodId}:${expYear}-${expMonth}`;
    return Promise.resolve([{ key, invoiceId: null, figures: { brand, last4, expMonth, expYear } }]);
  },
  values({ figures, appUrl }) {
    const { brand, last4, expMonth, expYear } = figures;
    const name = typeof brand === 'string' ? brand.charAt(0).toUpperCase() + brand.slice(1) : '';
    const card = `${name} •••• ${String(last4 ?? '')}`.trim();
    return Promise.resolve({ card, expiry: `${String(expMonth).padStart(2, '0')}/${String(expYear)}`, appUrl });
  },
};
