import type { DunningPolicy } from './dunning-policy';

/** A plan as the audit log keeps it: what an administrator can change about it. */
export interface PlanRecord {
  name: string;
  description: string;
  trialDays: number;
  graceDays: number;
  active: boolean;
  refundAccess: string;
  disputeAccess: string;
  dunning: DunningPolicy | null;
  position: number;
  /** By key. A text, because a JSON number would round; null is no limit. */
  features: Readonly<Record<string, string | null>>;
}

type PlanLike = Omit<PlanRecord, 'features'> & { features: readonly { key: string; limit: bigint | null }[] };

/** Only the fields that differ. */
export interface PlanDifference {
  before: Partial<PlanRecord>;
  after: Partial<PlanRecord>;
}

export function planRecord(plan: PlanLike): PlanRecord {
  const { name, description, trialDays, graceDays, active, refundAccess, disputeAccess, dunning, position } = plan;
  const features = plan.features.map(({ key, limit }): [string, string | null] => [key, limit?.toString() ?? null]);
  features.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...{ name, description, trialDays, graceDays, active, refundAccess, disputeAccess, dunning, position },
    features: Object.fromEntries(features),
  };
}

/** Pure. @returns null where nothing differs. */
export function changesOf(before: PlanRecord, after: PlanRecord): PlanDifference | null {
  const fields = (Object.keys(before) as (keyof PlanRecord)[]).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  if (fields.length === 0) return null;
  const only = (record: PlanRecord): Partial<PlanRecord> =>
    Object.fromEntries(fields.map((field) => [field, record[field]]));
  return { before: only(before), after: only(after) };
}

/** What a subscription's projection reads of its plan. */
const REACHING = ['features', 'graceDays', 'refundAccess', 'disputeAccess'] as const;

/** Pure: whether those who have the plan get something else now. A trial is given when it begins, and is kept. */
export function reachesSubscribers({ after }: PlanDifference): boolean {
  return REACHING.some((field) => after[field] !== undefined);
}
