import { isAppError } from '../../../shared/app-error';
import { receiptInvalid } from '../iap.errors';

/** What is not verified, is of another app or another environment, or cannot be read, is no receipt of ours. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isAppError(error) && error.kind === 'validation') throw receiptInvalid(error);
    throw error;
  }
}
