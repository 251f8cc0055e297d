import { money } from './format';
import type { Subscription } from './kassa-api';
import type { Person, World } from './world';

type Lines = readonly string[];

interface Identity {
  readonly appAccountToken: string;
  readonly obfuscatedExternalAccountId: string;
}

/** Thousandths of the major unit, as the stores write prices. */
export const centsOf = (thousandths: number): number => thousandths / 10;

export interface AppleTransaction {
  readonly transactionId: string;
  readonly originalTransactionId: string;
  readonly expiresDate: number;
  /** Thousandths. */
  readonly price: number;
  readonly revocationDate?: number;
}

export interface PlaySubscription {
  readonly token: string;
  readonly state: string;
  readonly periodEnd: number;
  /** Thousandths. */
  readonly price: number;
  readonly acknowledged: boolean;
}

export async function carolBuysInTheAppStore(world: World): Promise<Lines> {
  const { appAccountToken } = await world.as('carol').call<Identity>('/iap/identity');
  const bought = await world.stripe.control<{ transaction: AppleTransaction; signedTransaction: string }>(
    'POST',
    'apple/purchases',
    { productId: 'com.example.kassa.pro.monthly', appAccountToken, offer: 'none' },
  );
  const { signedTransaction, transaction } = bought;
  return [
    'GET /v1/iap/identity gives the token her app buys with',
    `she pays ${money(centsOf(transaction.price), 'USD')} in the App Store, her phone gets a signed transaction`,
    await validated(world, 'carol', { platform: 'ios', signedTransaction }),
  ];
}

export async function danBuysOnGooglePlay(world: World): Promise<Lines> {
  const { obfuscatedExternalAccountId } = await world.as('dan').call<Identity>('/iap/identity');
  const { purchaseToken, subscription } = await world.stripe.control<{
    purchaseToken: string;
    subscription: PlaySubscription;
  }>('POST', 'google/purchases', {
    ...{ product: 'basic:monthly', obfuscatedAccountId: obfuscatedExternalAccountId, offer: 'none' },
  });
  const { packageName } = await world.stripe.control<{ packageName: string }>('GET', 'google/credentials');
  const claim = { platform: 'android', packageName, productId: 'basic', purchaseToken };
  const valid = await validated(world, 'dan', claim);
  await world.settle();
  const { data } = await world.stripe.control<{ data: PlaySubscription[] }>('GET', 'google/subscriptions');
  const known = data.find(({ token }) => token === purchaseToken)?.acknowledged === true;
  return [
    `he pays ${money(centsOf(subscription.price), 'USD')} on Google Play, his phone gets a purchase token`,
    valid,
    `Google ${known ? 'is told that he has it' : 'does not know that he has it'}: ${known ? '' : 'not '}acknowledged`,
  ];
}

/** What the app does with what its store gave it. */
async function validated(world: World, person: Person, claim: object): Promise<string> {
  const { valid, subscription } = await world
    .as(person)
    .call<{ valid: boolean; subscription: Subscription | null }>('/iap/validate', { json: claim });
  const what = subscription ? `${subscription.plan.code} ${subscription.status}` : 'nothing';
  return `POST /v1/iap/validate: ${valid ? 'genuine' : 'not genuine'}, ${what}`;
}

export async function appleRefundsCarol(world: World): Promise<Lines> {
  const { data } = await world.stripe.control<{ data: AppleTransaction[] }>('GET', 'apple/transactions');
  const last = data.at(-1);
  if (!last) throw new Error('The App Store has sold nothing.');
  await world.stripe.control('POST', `apple/transactions/${last.transactionId}/refund`, {});
  return [`Apple's support gives her the last month back: ${money(centsOf(last.price), 'USD')}`];
}
