import type { Store } from '../../domain/store';
import type { IapProduct } from '../../products/domain/product';

export type IneligibleReason = 'UNKNOWN_PRODUCT' | 'NOT_SOLD' | 'ALREADY_SUBSCRIBED' | 'ALREADY_OWNED';

export interface Eligibility {
  eligible: boolean;
  reason: IneligibleReason | null;
  /** Where he has what stands against it. */
  provider: 'stripe' | Store | null;
}

/** A subscription that still gives or costs something. */
export interface OpenSubscription {
  provider: 'stripe' | Store;
  status: string;
  plan: { code: string };
  billingCycle: string;
  cancelAtPeriodEnd: boolean;
}

/** Bought once, and not given back. */
export interface OwnedPurchase {
  provider: Store;
  productId: string;
  plan: string | null;
}

type Wanted = Pick<IapProduct, 'store' | 'productId' | 'kind' | 'plan' | 'billingCycle' | 'active'>;

const YES: Eligibility = { eligible: true, reason: null, provider: null };
const no = (reason: IneligibleReason, provider: Eligibility['provider'] = null): Eligibility => {
  return { eligible: false, reason, provider };
};

/**
 * Pure: whether a customer would pay for something new by buying a product. Another plan of the same store is an upgrade, which the
 * store settles; the same one again after it was canceled goes on with it. Whatever runs elsewhere has to end there first.
 * @param sold the product in the stores that sell it, the one asked for first.
 */
export function eligibilityOf(
  sold: readonly Wanted[],
  open: readonly OpenSubscription[],
  owned: readonly OwnedPurchase[],
): Eligibility {
  const answers = sold.map((product) => eligibilityFor(product, open, owned));
  return answers.find(({ eligible }) => eligible) ?? answers[0] ?? no('UNKNOWN_PRODUCT');
}

function eligibilityFor(
  { store, kind, plan, billingCycle, active }: Wanted,
  open: readonly OpenSubscription[],
  owned: readonly OwnedPurchase[],
): Eligibility {
  if (!active) return no('NOT_SOLD');
  if (kind === 'consumable') return YES;
  const forLife = owned.find((one) => one.plan !== null && one.plan === plan);
  if (forLife) return no('ALREADY_OWNED', forLife.provider);
  if (kind === 'lifetime') return YES;
  // One that waits for its first payment is no hindrance: it is taken up again, or expires by itself.
  const running = open.filter(({ status }) => status !== 'incomplete');
  const same = (one: OpenSubscription): boolean =>
    one.plan.code === plan && one.billingCycle === billingCycle && !one.cancelAtPeriodEnd;
  const against = running.find((one) => one.provider !== store || same(one));
  return against ? no('ALREADY_SUBSCRIBED', against.provider) : YES;
}
