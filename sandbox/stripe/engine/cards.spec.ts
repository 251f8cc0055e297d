import { StripeSandboxError } from '../contract';
import { at, customerWith, harness, HOUR, invoiceNow, shop, subscribe, subscriptionNow, type Harness } from './harness';
import type { ChargeObject, PaymentIntentObject, SetupIntentObject } from './wire';

function refusal(work: () => unknown): StripeSandboxError {
  try {
    work();
  } catch (error) {
    if (error instanceof StripeSandboxError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function pay(h: Harness, card: string): PaymentIntentObject {
  return h.call('POST', '/v1/payment_intents', {
    amount: 1000,
    currency: 'usd',
    payment_method: card,
    confirm: true,
  }) as PaymentIntentObject;
}

describe('test cards', () => {
  it.each([
    ['4000000000000002', 'card_declined', 'generic_decline', 'try_again_later'],
    ['4000000000009995', 'card_declined', 'insufficient_funds', 'try_again_later'],
    ['4000000000009987', 'card_declined', 'lost_card', 'do_not_try_again'],
    ['4000000000009979', 'card_declined', 'stolen_card', 'do_not_try_again'],
    ['4000000000000069', 'expired_card', 'expired_card', 'confirm_card_data'],
    ['4000000000000127', 'incorrect_cvc', 'incorrect_cvc', 'confirm_card_data'],
    ['4000000000000119', 'processing_error', 'processing_error', 'try_again_later'],
    ['4000000000006975', 'card_declined', 'card_velocity_exceeded', 'try_again_later'],
    ['4100000000000019', 'card_declined', 'fraudulent', 'do_not_try_again'],
  ])('%s is declined with %s, %s', (number, code, declineCode, advice) => {
    const h = harness();
    const card = h.call('POST', '/v1/payment_methods', { type: 'card', card: { number } }) as { id: string };
    const error = refusal(() => pay(h, card.id));
    expect(error.status).toBe(402);
    expect(error.error).toMatchObject({
      type: 'card_error',
      code,
      decline_code: declineCode,
      advice_code: advice,
      payment_intent: {
        status: 'requires_payment_method',
        payment_method: null,
        last_payment_error: { code, decline_code: declineCode, payment_method: { id: card.id } },
      },
    });
    const customer = customerWith(h).customer.id;
    expect(refusal(() => h.call('POST', `/v1/payment_methods/${card.id}/attach`, { customer })).error.code).toBe(code);
    expect(h.heard().slice(0, 3)).toEqual(['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed']);
  });

  it.each(['pm_card_visa', 'pm_card_mastercard', 'pm_card_amex'])('%s pays', (token) => {
    const h = harness();
    const intent = pay(h, token);
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1000 });
    const charge = h.call('GET', `/v1/charges/${intent.latest_charge ?? ''}`) as ChargeObject;
    expect(charge).toMatchObject({ paid: true, payment_intent: intent.id, outcome: { type: 'authorized' } });
  });

  it('refuses a number that is no test card', () => {
    const h = harness();
    const create = (): object => h.call('POST', '/v1/payment_methods', { type: 'card', card: { number: '1234' } });
    expect(refusal(create).error.code).toBe('incorrect_number');
  });

  it('attaches 0341 and fails its charges', () => {
    const h = harness();
    const { pro } = shop(h);
    const { customer } = customerWith(h, 'pm_card_chargeCustomerFail');
    expect(subscribe(h, customer.id, pro.id).status).toBe('incomplete');
    const refused = refusal(() => subscribe(h, customer.id, pro.id, { payment_behavior: 'error_if_incomplete' }));
    expect(refused.error.decline_code).toBe('generic_decline');
    const subs = h.call('GET', '/v1/subscriptions', { customer: customer.id, status: 'all' }) as { data: object[] };
    expect(subs.data).toHaveLength(1);
  });

  it('asks the cardholder at a renewal and goes on when answered', () => {
    const h = harness(at('2027-03-01T00:00:00Z'));
    const { pro } = shop(h);
    const { customer, card } = customerWith(h, 'pm_card_visa');
    const sub = subscribe(h, customer.id, pro.id);
    h.engine.control.setCardBehavior(card, 'authentication_required');
    h.go(at('2027-04-01T00:00:00Z'));
    h.heard();
    h.go(at('2027-04-01T00:00:00Z') + HOUR);
    expect(h.heard()).toEqual([
      'payment_intent.created',
      'invoice.finalized',
      'payment_intent.requires_action',
      'invoice.updated',
      'invoice.payment_failed',
      'invoice.payment_action_required',
      'customer.updated',
      'customer.subscription.updated',
    ]);
    const past = subscriptionNow(h, sub.id);
    expect(past.status).toBe('past_due');
    const pay = (): object => h.call('POST', `/v1/invoices/${past.latest_invoice ?? ''}/pay`);
    expect(refusal(pay)).toMatchObject({ status: 402, error: { code: 'invoice_payment_intent_requires_action' } });
    const secret = h.engine.store.expandable(past.latest_invoice ?? '', 'confirmation_secret') as {
      client_secret: string;
    };
    const intent = secret.client_secret.split('_secret_')[0] ?? '';
    h.engine.control.authenticate(intent, false);
    expect(invoiceNow(h, past.latest_invoice).status).toBe('open');
    expect(refusal(pay).status).toBe(402);
    h.engine.control.authenticate(intent, true);
    expect(invoiceNow(h, past.latest_invoice).status).toBe('paid');
    expect(subscriptionNow(h, sub.id).status).toBe('active');
    expect(() => {
      h.engine.control.authenticate(intent, true);
    }).toThrow('waits for no authentication');
  });

  it('remembers 3155 once it is set up', () => {
    const h = harness();
    const { customer } = customerWith(h);
    const setup = h.call('POST', '/v1/setup_intents', { customer: customer.id }) as SetupIntentObject;
    const asked = h.call('POST', `/v1/setup_intents/${setup.id}/confirm`, {
      payment_method: 'pm_card_authenticationRequiredOnSetup',
    }) as SetupIntentObject;
    expect(asked).toMatchObject({ status: 'requires_action', next_action: { type: 'use_stripe_sdk' } });
    h.engine.control.authenticate(setup.id, true);
    const done = h.call('GET', `/v1/setup_intents/${setup.id}`) as SetupIntentObject;
    expect(done.status).toBe('succeeded');
    const intent = h.call('POST', '/v1/payment_intents', {
      amount: 500,
      currency: 'usd',
      customer: customer.id,
      payment_method: done.payment_method,
      off_session: true,
      confirm: true,
    }) as PaymentIntentObject;
    expect(intent.status).toBe('succeeded');
  });
});
