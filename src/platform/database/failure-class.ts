import { isAppError } from '../../shared/app-error';
import { failureClassOf, type FailureClass } from '../../shared/retry-policy';
import { isContention, isDatabaseUnavailable, isDataException } from './database-errors';

/** What an error means for the work that met it, whether we or PostgreSQL raised it. */
export function failureClassOfError(error: unknown): FailureClass {
  if (isAppError(error)) return failureClassOf(error.kind);
  if (isDataException(error)) return 'permanent';
  return isDatabaseUnavailable(error) || isContention(error) ? 'transient' : 'unknown';
}
