import { BILLING_EVENTS } from '../../billing';
import { defineTemplate } from '../domain/template';
import { moneyFigures, type Message } from './message';

const template = defineTemplate({
  key: 'dispute_ended',
  topic: 'payments',
  urgent: false,
  variables: { amount: 'money', returned: 'flag' },
  sample: { amount: { amount: 2900, currency: 'USD' }, returned: true },
  wording: {
    en: {
      subject:
        '{{#if returned}}Your bank has returned {{amount}} to you for good{{else}}Your bank has let the payment of {{amount}} stand{{/if}}',
      paragraphs: [
        '{{#if returned}}Your bank has decided about the payment of {{amount}} that you disputed: the money stays with you.{{else}}Your bank has decided about the payment of {{amount}} that you disputed: it stands, and the money it had taken back is with us again.{{/if}}',
        'If you have a question about it, write to us.',
      ],
      title: 'Dispute over {{amount}} decided',
      body: '{{#if returned}}The money stays with you.{{else}}The payment stands.{{/if}}',
    },
    de: {
      subject:
        '{{#if returned}}Deine Bank hat dir {{amount}} endgültig erstattet{{else}}Deine Bank lässt die Zahlung über {{amount}} bestehen{{/if}}',
      paragraphs: [
        '{{#if returned}}Deine Bank hat über die beanstandete Zahlung über {{amount}} entschieden: Das Geld bleibt bei dir.{{else}}Deine Bank hat über die beanstandete Zahlung über {{amount}} entschieden: Sie bleibt bestehen, und das zurückgeholte Geld ist wieder bei uns.{{/if}}',
        'Falls du dazu eine Frage hast, schreib uns.',
      ],
      title: 'Beanstandung über {{amount}} entschieden',
      body: '{{#if returned}}Das Geld bleibt bei dir.{{else}}Die Zahlung bleibt bestehen.{{/if}}',
    },
    es: {
      subject:
        '{{#if returned}}Tu banco te ha devuelto {{amount}} definitivamente{{else}}Tu banco ha dado por válido el pago de {{amount}}{{/if}}',
      paragraphs: [
        '{{#if returned}}Tu banco ha decidido sobre el pago de {{amount}} que disputaste: el dinero se queda contigo.{{else}}Tu banco ha decidido sobre el pago de {{amount}} que disputaste: es válido, y el dinero que había retirado vuelve a estar con nosotros.{{/if}}',
        'Si tienes alguna pregunta, escríbenos.',
      ],
      title: 'Disputa de {{amount}} resuelta',
      body: '{{#if returned}}El dinero se queda contigo.{{else}}El pago es válido.{{/if}}',
    },
  },
});

interface Payload {
  disputeId: string;
  amount: number;
  currency: string;
  status: string;
  formerStatus: string | null;
}

/** Inquiries (`warning_closed`) had taken nothing. */
const ENDED = ['won', 'lost'];

export const disputeEnded: Message<typeof template.variables> = {
  template,
  on: [BILLING_EVENTS.disputeUpdated],
  causes({ payload, occurredAt }) {
    const { disputeId, amount, currency, status, formerStatus } = payload as unknown as Payload;
    if (!ENDED.includes(status) || status === formerStatus) return Promise.resolve([]);
    // A bank may decide again, and again.
    const key = `dispute_ended:${disputeId}:${status}:${occurredAt.toISOString()}`;
    return Promise.resolve([{ key, invoiceId: null, figures: { amount, currency, returned: status === 'lost' } }]);
  },
  values({ figures }) {
    return Promise.resolve({ amount: moneyFigures(figures), returned: figures['returned'] === true });
  },
};
