import { business, conflict, notFound, type AppError } from '../../../shared/app-error';
import type { DiscountReason } from './domain/discount';

const SAID: Readonly<Record<DiscountReason, string>> = {
  unknown: 'There is no such discount code',
  inactive: 'This discount is not offered any more',
  expired: 'This discount has expired',
  other_plan: 'This discount is for another plan',
  currency: 'This discount is in another currency',
  first_time_only: 'This discount is for new customers only',
  exhausted: 'This discount is used up',
};

export const discountNotApplicable = (reason: DiscountReason): AppError =>
  business('DISCOUNT_NOT_APPLICABLE', SAID[reason], { reason });

export const discountNotFound = (discountId: string): AppError =>
  notFound('DISCOUNT_NOT_FOUND', 'Discount not found', { discountId: discountId.slice(0, 64) });

export const discountCodeTaken = (code: string): AppError =>
  conflict('DISCOUNT_CODE_TAKEN', 'There is a discount of this code already', { code });

/** @param fields what was to be changed and cannot be, here as at Stripe. */
export const discountImmutable = (fields: readonly string[]): AppError =>
  business('DISCOUNT_IMMUTABLE', 'What a discount gives cannot change; make a new one', { fields });

/** The customer's own purchase under way holds it; its end frees it. */
export const discountInUse = (): AppError =>
  conflict('REQUEST_IN_PROGRESS', 'Another purchase of yours with this discount is under way; try again in a moment');
