import { judge, type Approval, type ApprovalLimit } from './limits';
import type { PolicyReason } from './evaluate';

export interface PolicyDecision {
  outcome: 'allow' | 'second_approval' | 'refuse';
  /** Of a refusal. */
  code: 'APPROVAL_LIMIT_EXCEEDED' | 'PAYOUT_BLOCKED' | null;
  reasons: PolicyReason[];
}

/** Pure: while it is prepared only the rules count; who approves is not known yet. */
export function decidePreparing(reasons: readonly PolicyReason[]): PolicyDecision {
  if (reasons.some(({ action }) => action === 'block')) {
    return { outcome: 'refuse', code: 'PAYOUT_BLOCKED', reasons: [...reasons] };
  }
  return { outcome: reasons.length > 0 ? 'second_approval' : 'allow', code: null, reasons: [...reasons] };
}

/** Pure: rules once more, and what this approver may; a second approval is enough for either. */
export function decideApproving(
  limits: readonly ApprovalLimit[],
  approval: Approval,
  reasons: readonly PolicyReason[],
): PolicyDecision {
  const byRules = decidePreparing(reasons);
  if (byRules.outcome === 'refuse') return byRules;
  const verdict = judge(limits, approval);
  if (verdict.outcome === 'refuse') {
    const reason = { rule: verdict.exceeded, action: 'block', because: 'limit' } as const;
    return { outcome: 'refuse', code: 'APPROVAL_LIMIT_EXCEEDED', reasons: [...byRules.reasons, reason] };
  }
  const needsSecond = verdict.outcome === 'second_approval' || byRules.outcome === 'second_approval';
  if (!needsSecond || approval.approvals > 0) return { outcome: 'allow', code: null, reasons: byRules.reasons };
  const limit = verdict.outcome === 'second_approval' ? [LIMIT_REVIEW] : [];
  return { outcome: 'second_approval', code: null, reasons: [...byRules.reasons, ...limit] };
}

const LIMIT_REVIEW: PolicyReason = { rule: 'secondApprovalAbove', action: 'review', because: 'limit' };
