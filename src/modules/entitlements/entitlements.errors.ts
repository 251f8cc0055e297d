import { notFound, type AppError } from '../../shared/app-error';

export const featureNotFound = (feature: string): AppError =>
  notFound('FEATURE_NOT_FOUND', 'Feature not found', { feature });
