import { conflict, notFound, type AppError } from '../../../shared/app-error';

export const planExists = (code: string): AppError =>
  conflict('PLAN_EXISTS', 'There is a plan of this code already', { code });

export const featureExists = (key: string): AppError =>
  conflict('FEATURE_EXISTS', 'There is a feature of this key already', { key });

export const featuresNotFound = (keys: readonly string[]): AppError =>
  notFound('FEATURE_NOT_FOUND', 'Feature not found', { keys });

export const catalogPlanNotFound = (id: string): AppError =>
  notFound('PLAN_NOT_FOUND', 'Plan not found', { plan: id.slice(0, 64) });

export const catalogPriceNotFound = (id: string): AppError =>
  notFound('PRICE_NOT_FOUND', 'Price not found', { priceId: id.slice(0, 64) });

/** Nobody can change what a running subscription is billed in. */
export const currencyLocked = (currency: string): AppError =>
  conflict('CURRENCY_LOCKED', 'The subscription is billed in another currency, and keeps it', { currency });

/** A second row of the same terms would only move new customers to another object at the provider. */
export const priceUnchanged = (priceId: string): AppError =>
  conflict('PRICE_UNCHANGED', 'The plan is sold at this price already', { priceId });
