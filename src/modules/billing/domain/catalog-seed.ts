/** The catalog a new installation starts with; administered by API afterwards. Amounts in minor units. */
export interface SeedFeature {
  key: string;
  name: string;
  type: 'boolean' | 'limit' | 'metered';
}

export interface SeedPlan {
  code: string;
  name: string;
  description: string;
  trialDays: number;
  prices: { billingCycle: 'monthly' | 'annual'; amount: bigint; currency: string }[];
  /** By feature key; null is no limit. */
  features: Record<string, bigint | null>;
}

export const SEED_FEATURES: readonly SeedFeature[] = [
  { key: 'api_calls', name: 'API calls per month', type: 'metered' },
  { key: 'projects', name: 'Projects', type: 'limit' },
  { key: 'seats', name: 'Team seats', type: 'limit' },
  { key: 'priority_support', name: 'Priority support', type: 'boolean' },
  { key: 'audit_export', name: 'Audit log export', type: 'boolean' },
  { key: 'single_sign_on', name: 'Single sign-on', type: 'boolean' },
];

export const SEED_PLANS: readonly SeedPlan[] = [
  {
    code: 'BASIC',
    name: 'Basic',
    description: 'For one person getting started',
    trialDays: 0,
    prices: [
      { billingCycle: 'monthly', amount: 900n, currency: 'USD' },
      { billingCycle: 'annual', amount: 9_000n, currency: 'USD' },
    ],
    features: { api_calls: 10_000n, projects: 3n, seats: 1n },
  },
  {
    code: 'PRO',
    name: 'Pro',
    description: 'For teams that ship every day',
    trialDays: 14,
    prices: [
      { billingCycle: 'monthly', amount: 2_900n, currency: 'USD' },
      { billingCycle: 'annual', amount: 29_000n, currency: 'USD' },
    ],
    features: { api_calls: 250_000n, projects: 50n, seats: 10n, priority_support: null },
  },
  {
    code: 'ENTERPRISE',
    name: 'Enterprise',
    description: 'For companies with their own rules',
    trialDays: 30,
    prices: [
      { billingCycle: 'monthly', amount: 19_900n, currency: 'USD' },
      { billingCycle: 'annual', amount: 199_000n, currency: 'USD' },
    ],
    features: {
      api_calls: 5_000_000n,
      projects: null,
      seats: null,
      priority_support: null,
      audit_export: null,
      single_sign_on: null,
    },
  },
];

/**
 * The stable name under which a price is found, or made, at a provider.
 * @param priceId of every price but the seed's: a plan has one after the other of the same cycle and currency.
 */
export function lookupKeyOf(planCode: string, billingCycle: string, currency: string, priceId?: string): string {
  return ['kassa', planCode, billingCycle, currency, ...(priceId ? [priceId] : [])].join('_').toLowerCase();
}
