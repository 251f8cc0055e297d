import { decimalsOf, type Currency } from '../../../../shared/currency';

export const APPROVER_ROLES = ['finance', 'admin'] as const;
export type ApproverRole = (typeof APPROVER_ROLES)[number];
/** Stands for every currency without a row of its own. */
export const ANY_CURRENCY = '*';

/** In whole units of the currency (10000 is 10,000.00 EUR and 10,000 JPY). Null: no limit. */
export interface ApprovalLimit {
  readonly role: ApproverRole;
  readonly currency: Currency | typeof ANY_CURRENCY;
  readonly maxPerPayout: number | null;
  /** Of one approver, by the UTC day, in each currency by itself. */
  readonly dailyMax: number | null;
  /** From more than this on a second person approves too. */
  readonly secondApprovalAbove: number | null;
}

/** What holds for a role without a row for the currency: whoever set nothing up is still protected by four more eyes. */
export const DEFAULT_LIMIT = { maxPerPayout: null, dailyMax: null, secondApprovalAbove: 10_000 } as const;

/** What is to be approved, in minor units of our balance's currency. */
export interface Approval {
  readonly currency: Currency;
  /** What leaves the balance, the fee included. */
  readonly amount: bigint;
  readonly roles: readonly string[];
  /** What this approver has approved today already. */
  readonly approvedToday: bigint;
  /** How many have approved it already. */
  readonly approvals: number;
}

export type LimitVerdict =
  | { readonly outcome: 'allow' | 'second_approval' }
  | { readonly outcome: 'refuse'; readonly exceeded: 'maxPerPayout' | 'dailyMax' };

type Figures = Pick<ApprovalLimit, 'maxPerPayout' | 'dailyMax' | 'secondApprovalAbove'>;
const ORDER = { allow: 0, second_approval: 1, refuse: 2 } as const;

/** Pure: of somebody with several roles the most that any of them may. */
export function judge(limits: readonly ApprovalLimit[], approval: Approval): LimitVerdict {
  const roles = APPROVER_ROLES.filter((role) => approval.roles.includes(role));
  const verdicts = roles.map((role) => verdictOf(limitOf(limits, role, approval.currency), approval));
  verdicts.sort((a, b) => ORDER[a.outcome] - ORDER[b.outcome]);
  return verdicts[0] ?? { outcome: 'refuse', exceeded: 'maxPerPayout' };
}

function limitOf(limits: readonly ApprovalLimit[], role: ApproverRole, currency: Currency): Figures {
  const of = (wanted: string): Figures | undefined =>
    limits.find((limit) => limit.role === role && limit.currency === wanted);
  return of(currency) ?? of(ANY_CURRENCY) ?? DEFAULT_LIMIT;
}

function verdictOf({ maxPerPayout, dailyMax, secondApprovalAbove }: Figures, approval: Approval): LimitVerdict {
  const { amount, currency, approvedToday, approvals } = approval;
  const isOver = (value: bigint, limit: number | null): boolean =>
    limit !== null && value > minorUnits(limit, currency);
  if (isOver(amount, maxPerPayout)) return { outcome: 'refuse', exceeded: 'maxPerPayout' };
  if (isOver(approvedToday + amount, dailyMax)) return { outcome: 'refuse', exceeded: 'dailyMax' };
  return { outcome: isOver(amount, secondApprovalAbove) && approvals === 0 ? 'second_approval' : 'allow' };
}

function minorUnits(whole: number, currency: Currency): bigint {
  return BigInt(whole) * 10n ** BigInt(decimalsOf(currency));
}

/** Pure: one row for a role and a currency; what is wrong with a list of them. */
export function limitProblems(limits: readonly ApprovalLimit[]): { field: string; message: string }[] {
  const seen = new Set<string>();
  return limits.flatMap(({ role, currency }, index) => {
    const key = `${role} ${currency}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [{ field: `limits.${index}`, message: `names ${role} and ${currency} a second time` }];
  });
}
