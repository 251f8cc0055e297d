import { authorization, business, conflict, notFound, type AppError } from '../../shared/app-error';

export const payoutNotFound = (payoutId: string): AppError =>
  notFound('PAYOUT_NOT_FOUND', 'Payout not found', { payoutId: payoutId.slice(0, 64) });

export const payoutsOff = (): AppError =>
  business('PROVIDER_NOT_CONFIGURED', 'Payouts are not set up in this installation', { provider: 'wise' });

export const notPossible = (status: string, what: string): AppError =>
  business('INVALID_STATE_TRANSITION', `A payout in this status cannot be ${what}`, { status });

/** Maker and checker are two people. */
export const selfApproval = (): AppError =>
  authorization('SELF_APPROVAL', 'Whoever prepared a payout, or approved it before, does not approve it');

export const currencyMismatch = (currency: string, beneficiaryCurrency: string): AppError =>
  business('BENEFICIARY_CURRENCY_MISMATCH', "The payout's currency is not the one of the beneficiary's account", {
    currency,
    beneficiaryCurrency,
  });

export const beneficiaryGone = (beneficiaryId: string): AppError =>
  business('BENEFICIARY_ARCHIVED', 'Nothing is paid to this beneficiary any more', { beneficiaryId });

export const duplicateSuspected = (payoutIds: readonly string[]): AppError =>
  conflict(
    'DUPLICATE_SUSPECTED',
    'The same amount with the same reference went to this beneficiary within a day; confirm with confirmDuplicate',
    { payoutIds },
  );

/** @param quote as the response shows quotes. */
export const quoteChanged = (quote: object): AppError =>
  conflict('QUOTE_CHANGED', 'The quote has expired, and the new one costs more; approve again with acceptQuoteId', {
    quote,
  });

export const insufficientFunds = (details: { currency: string; available: string; needed: string }): AppError =>
  business('INSUFFICIENT_FUNDS', 'Our balance does not cover this payout beside those already approved', details);

export const notCancelable = (): AppError =>
  conflict('PAYOUT_NOT_CANCELABLE', 'The provider has converted the money already: it cannot be called back');
