import { business, conflict, notFound, type AppError } from '../../shared/app-error';

export const planNotFound = (plan: string): AppError => notFound('PLAN_NOT_FOUND', 'Plan not found', { plan });

/** @param currency null where none was asked for. */
export const priceNotFound = (plan: string, billingCycle: string, currency: string | null): AppError =>
  notFound('PRICE_NOT_FOUND', 'The plan is not sold at this billing cycle and in this currency', {
    ...{ plan, billingCycle },
    ...(currency === null ? {} : { currency }),
  });

export const subscriptionNotFound = (): AppError => notFound('SUBSCRIPTION_NOT_FOUND', 'Subscription not found');

export const customerNotFound = (): AppError => notFound('CUSTOMER_NOT_FOUND', 'Customer not found');

export const alreadySubscribed = (subscriptionId: string): AppError =>
  conflict('ALREADY_SUBSCRIBED', 'There is a subscription already; change its plan instead', { subscriptionId });

/** The stores' own pages for a customer's subscriptions. */
const MANAGE_URL: Readonly<Record<string, string>> = {
  apple: 'https://apps.apple.com/account/subscriptions',
  google: 'https://play.google.com/store/account/subscriptions',
};

/** Where a customer manages what he bought in a store; null for what our own API manages. */
export const manageUrlOf = (provider: string): string | null => MANAGE_URL[provider] ?? null;

/** Bought in a store: only the store can change it. */
export const managedElsewhere = (provider: string): AppError =>
  conflict('ALREADY_SUBSCRIBED_ELSEWHERE', 'The subscription is managed where it was bought', {
    provider,
    ...(MANAGE_URL[provider] ? { manageUrl: MANAGE_URL[provider] } : {}),
  });

export const notCancelable = (status: string): AppError =>
  business('INVALID_STATE_TRANSITION', 'A subscription in this status cannot be canceled', { status });

export const alreadyOnPlan = (plan: string): AppError =>
  conflict('ALREADY_ON_PLAN', 'The subscription is on these terms already', { plan });

export const invoiceNotFound = (invoiceId: string): AppError =>
  notFound('INVOICE_NOT_FOUND', 'Invoice not found', { invoiceId: shown(invoiceId) });

export const paymentMethodNotFound = (paymentMethodId: string): AppError =>
  notFound('PAYMENT_METHOD_NOT_FOUND', 'Payment method not found', { paymentMethodId: shown(paymentMethodId) });

/** @param to what was asked of it. */
export const invoiceNotPossible = (status: string, to: string): AppError =>
  business('INVALID_STATE_TRANSITION', `An invoice in this status cannot be ${to}`, { status });

/** @param to what was asked of it. */
export const notPossible = (status: string, to: string): AppError =>
  business('INVALID_STATE_TRANSITION', `A subscription in this status cannot be ${to}`, { status });

/** @param maxDays what may still be given. */
export const trialTooLong = (maxDays: number): AppError =>
  business('TRIAL_TOO_LONG', 'The trial cannot be extended by so much', { maxDays });

/** Somebody put our customer on a price we do not sell: no plan says what he may use. */
export const priceUnknown = (priceRef: string): AppError =>
  business('PRICE_UNKNOWN', "The subscription's price is not in the catalog", { priceRef });

/** An id as the caller gave it, but not any length of it. */
function shown(id: string): string {
  return id.slice(0, 64);
}
