/** Stripe's payment methods and customers, as payloads of our facts. */
import type Stripe from 'stripe';
import { validation } from '../../shared/app-error';
import type { CustomerPayload, PaymentMethodPayload } from '../../shared/facts';
import { iso, refOf } from './stripe-objects';

type Face = Pick<PaymentMethodPayload, 'brand' | 'last4' | 'expMonth' | 'expYear' | 'country' | 'bankName'>;

const FACELESS: Face = { brand: null, last4: null, expMonth: null, expYear: null, country: null, bankName: null };

export function toPaymentMethodPayload(method: Stripe.PaymentMethod): PaymentMethodPayload {
  return {
    customerRef: refOf(method.customer),
    type: method.type,
    ...faceOf(method),
    createdAt: iso(method.created),
  };
}

/** What its holder knows it by. Of wallets, links and the like nothing is shown but their type. */
function faceOf({ card, us_bank_account: bank, sepa_debit: sepa }: Stripe.PaymentMethod): Face {
  if (card) {
    return {
      ...FACELESS,
      brand: card.brand,
      last4: lastFour(card.last4),
      expMonth: within(card.exp_month, 1, 12, 'expiry month'),
      expYear: within(card.exp_year, 2000, 9999, 'expiry year'),
      country: card.country,
    };
  }
  if (bank) return { ...FACELESS, last4: lastFour(bank.last4), bankName: bank.bank_name };
  if (sepa) return { ...FACELESS, last4: lastFour(sepa.last4), country: sepa.country };
  return FACELESS;
}

/** Of the customer himself, and of the stub that stands for a deleted one. */
export function toCustomerPayload(customer: Stripe.Customer | Stripe.DeletedCustomer): CustomerPayload {
  if (customer.deleted) return DELETED_CUSTOMER;
  return { status: 'active', defaultMethodRef: refOf(customer.invoice_settings.default_payment_method) };
}

export const DELETED_CUSTOMER: CustomerPayload = { status: 'deleted', defaultMethodRef: null };

/** Never more of a number than its end. */
function lastFour(digits: string | null): string | null {
  return digits === null ? null : digits.slice(-4);
}

/** @throws SCHEMA_VALIDATION for what no card has on it. */
function within(value: number, least: number, most: number, what: string): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw validation('SCHEMA_VALIDATION', `Stripe's card has an absurd ${what}`, { what });
  }
  return value;
}
