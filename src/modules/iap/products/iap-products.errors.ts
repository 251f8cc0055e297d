import { conflict, notFound, type AppError } from '../../../shared/app-error';
import { invalidInput } from '../../../platform/http';
import type { Store } from '../domain/store';

/** The id as the caller gave it, but not any length of it. */
export const productNotFound = (productId: string): AppError =>
  notFound('PRODUCT_NOT_FOUND', 'There is no such product of this store', { productId: productId.slice(0, 255) });

export const productExists = (provider: Store, productId: string): AppError =>
  conflict('PRODUCT_EXISTS', 'The product is known already; change it instead', { provider, productId });

/** What was bought keeps its meaning: another one is another product of the store (decision 29). */
export const productInUse = (provider: Store, productId: string): AppError => {
  const instead = 'take it off sale, and sell what is new under a new product id of the store';
  const message = `It has been bought, and what was bought keeps its meaning: ${instead}. What a plan gives is changed at the plan`;
  return conflict('PRODUCT_IN_USE', message, { provider, productId });
};

export const productPlanNotFound = (plan: string): AppError => notFound('PLAN_NOT_FOUND', 'Plan not found', { plan });

export const productFeatureNotFound = (feature: string): AppError =>
  notFound('FEATURE_NOT_FOUND', 'Feature not found', { feature });

export const noBasePlan = (): AppError =>
  invalidInput([
    { field: 'productId', message: 'is product:base-plan for subscriptions of Google, and for nothing else' },
  ]);

export const featureNotCountable = (): AppError =>
  invalidInput([{ field: 'feature', message: 'is a yes or no, to which nothing can be added' }]);
