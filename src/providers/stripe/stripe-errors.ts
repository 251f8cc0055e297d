import Stripe from 'stripe';
import { AppError, business, isAppError, provider, unavailable } from '../../shared/app-error';

/** Stripe's errors in our vocabulary. Its message may name the customer's card or id, so callers get our own sentence. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { errors } = Stripe;
  if (error instanceof errors.StripeCardError) return cardError(error);
  if (error instanceof errors.StripeRateLimitError) {
    return unavailable(
      'PROVIDER_BUSY',
      'Stripe asks us to slow down; try again shortly',
      retryAfterSeconds(error) ?? 5,
      error,
    );
  }
  if (error instanceof errors.StripeInvalidRequestError) {
    const told = TOLD[error.code ?? ''];
    if (told) return told(error);
    if (MIXED_CURRENCIES.test(error.message)) return currencyLocked(error);
    const details = { stripeCode: error.code ?? null, param: error.param ?? null };
    return error.statusCode === 404
      ? new AppError({
          kind: 'not_found',
          code: 'PROVIDER_OBJECT_NOT_FOUND',
          message: 'Stripe has no such object',
          details,
          cause: error,
        })
      : new AppError({
          kind: 'business',
          code: 'PROVIDER_REFUSED',
          message: 'Stripe refused the request',
          details,
          cause: error,
        });
  }
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) {
    // Our key is wrong or too weak: nothing the caller can do, and nothing a retry will mend by itself.
    return provider('PROVIDER_ERROR', "Stripe does not accept this service's key", { replayable: false }, error);
  }
  if (error instanceof errors.StripeError) return serverError(error);
  return provider('PROVIDER_ERROR', 'Stripe could not be reached', { replayable: false }, error);
}

/** Refusals that say more to the caller than that Stripe refused, by Stripe's code. */
const TOLD: Readonly<Record<string, (cause: unknown) => AppError>> = {
  customer_tax_location_invalid: (cause) => taxAddressInvalid(cause),
  tax_id_invalid: (cause) =>
    new AppError({ kind: 'validation', code: 'TAX_ID_INVALID', message: 'This is no tax id of its kind', cause }),
};

/** Stripe gives no code where something of the customer's still runs in another currency. */
const MIXED_CURRENCIES = /combine currencies|does not match the customer currency/i;

function currencyLocked(cause: unknown): AppError {
  const message = 'The customer is still billed in another currency';
  return new AppError({ kind: 'conflict', code: 'CURRENCY_LOCKED', message, cause });
}

function cardError(error: Stripe.errors.StripeCardError): AppError {
  return new AppError({
    kind: 'business',
    code: 'PAYMENT_FAILED',
    message: 'The payment was declined',
    details: {
      declineCode: error.decline_code || error.code || null,
      adviceCode: error.advice_code ?? null,
      networkAdviceCode: error.network_advice_code ?? null,
    },
    cause: error,
  });
}

/** A 5xx is kept under the idempotency key and would be replayed; a lost connection left no answer to replay. */
function serverError(error: Stripe.errors.StripeError): AppError {
  const status = error.statusCode ?? null;
  return provider(
    'PROVIDER_ERROR',
    status === null ? 'Stripe could not be reached' : 'Stripe failed to answer',
    { replayable: status !== null && status >= 500 },
    error,
  );
}

/** Seconds of a Retry-After header; Stripe sends whole seconds. */
export function retryAfterSeconds(error: Stripe.errors.StripeError): number | null {
  const value = Number(error.headers?.['retry-after']);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** Stripe refuses to charge with 400 and no parameter where neither the object nor the customer has a default method. */
export function isMissingMethod(error: unknown): boolean {
  if (!isAppError(error) || error.code !== 'PROVIDER_REFUSED') return false;
  return error.details['stripeCode'] === 'resource_missing' && error.details['param'] === null;
}

export function noPaymentMethod(): AppError {
  return business('PAYMENT_METHOD_REQUIRED', 'There is no payment method to charge; add one first');
}

/** Stripe Tax cannot say where the customer's address lies. */
export function taxAddressInvalid(cause?: unknown): AppError {
  const message = 'Tax cannot be computed for the billing address: add what it lacks, such as the postal code';
  return new AppError({ kind: 'business', code: 'TAX_ADDRESS_INVALID', message, cause });
}
