/** A subscription, as far as it may be paid for beside another. */
export interface PaidSubscription {
  id: string;
  provider: string;
  status: string;
  plan: { code: string };
  cancelAtPeriodEnd: boolean;
}

/** Statuses that will be charged for again. */
const RENEWING: ReadonlySet<string> = new Set(['trialing', 'active', 'past_due']);

export interface DoublePayment<S extends PaidSubscription> {
  /** The same for the same two, whichever is seen first. */
  key: string;
  /** The one with the lower id, which began here first, and the other. */
  pair: readonly [S, S];
}

/**
 * Pure: every two of a customer's subscriptions that he goes on paying for although one would do: at two providers, or for one plan.
 * Two plans of one store are its own affair, and what is to end is paid for no more.
 */
export function doublePayments<S extends PaidSubscription>(subscriptions: readonly S[]): DoublePayment<S>[] {
  const renewing = subscriptions
    .filter(({ status, cancelAtPeriodEnd }) => RENEWING.has(status) && !cancelAtPeriodEnd)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return renewing.flatMap((one, i) =>
    renewing
      .slice(i + 1)
      .filter((other) => other.provider !== one.provider || other.plan.code === one.plan.code)
      .map((other) => ({ key: `${one.id}:${other.id}`, pair: [one, other] as const })),
  );
}
