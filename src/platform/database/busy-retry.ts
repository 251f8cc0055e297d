import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { isAppError } from '../../shared/app-error';
import { isContention } from './database-errors';

const policy = retry(
  handleWhen((error) => isContention(error) || (isAppError(error) && error.code === 'TRY_AGAIN')),
  { maxAttempts: 10, backoff: new ExponentialBackoff({ initialDelay: 10, maxDelay: 500 }) },
);

/**
 * Repeats a unit of work that met another: a worker holds an aggregate's lock for milliseconds. For work whose provider
 * call is already made, where giving up at once would leave the answer to the sweeper.
 */
export function retryWhileBusy<T>(work: () => Promise<T>): Promise<T> {
  return policy.execute(work);
}
