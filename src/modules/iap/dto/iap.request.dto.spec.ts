import { isAppError } from '../../../shared/app-error';
import { claimOf, claimsOf, type RestoreBody, type ValidateBody } from './iap.request.dto';

function fieldsOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return isAppError(error) && (error.details['fields'] as { field: string }[]).map(({ field }) => field);
  }
}
const play = { packageName: 'com.example', productId: 'pro', purchaseToken: 't' };

describe('claimOf', () => {
  it.each<[ValidateBody, unknown]>([
    [
      { platform: 'ios', transactionId: '1' },
      { store: 'apple', transactionId: '1' },
    ],
    [
      { platform: 'ios', signedTransaction: 'a' },
      { store: 'apple', signedTransaction: 'a' },
    ],
    [{ platform: 'ios' }, ['signedTransaction', 'transactionId']],
    [{ platform: 'ios', transactionId: '' }, ['signedTransaction', 'transactionId']],
    [{ platform: 'ios', transactionId: '1', signedTransaction: 'a' }, ['signedTransaction', 'transactionId']],
    [{ platform: 'ios', transactionId: '1', productId: 'pro' }, ['productId']],
    [
      { platform: 'android', ...play },
      { store: 'google', ...play },
    ],
    [{ platform: 'android', ...play, purchaseToken: '' }, ['purchaseToken']],
    [{ platform: 'android' }, ['packageName', 'productId', 'purchaseToken']],
    [{ platform: 'android', ...play, transactionId: '1' }, ['transactionId']],
  ])('%j', (body, claim) => {
    expect(fieldsOf(() => claimOf(body))).toEqual(claim);
  });
});

describe('claimsOf', () => {
  it.each<[RestoreBody, unknown]>([
    [{ platform: 'ios', transactionIds: ['1'] }, [{ store: 'apple', transactionId: '1' }]],
    [{ platform: 'ios' }, ['signedTransactions', 'transactionIds']],
    [{ platform: 'ios', purchases: [play] }, ['purchases']],
    [{ platform: 'android', purchases: [play] }, [{ store: 'google', ...play }]],
    [{ platform: 'android', transactionIds: ['1'] }, ['signedTransactions', 'transactionIds']],
    [{ platform: 'android' }, ['purchases']],
  ])('%j', (body, claims) => {
    expect(fieldsOf(() => claimsOf(body))).toEqual(claims);
  });
});
