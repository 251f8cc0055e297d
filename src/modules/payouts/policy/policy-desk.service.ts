import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { invalidInput } from '../../../platform/http';
import { limitProblems, type ApprovalLimit } from './domain/limits';
import { ruleProblems, type PayoutRule } from './domain/rule';
import { PayoutLimitsRepository } from './payout-limits.repository';
import { PayoutRulesRepository, type StoredPayoutRule } from './payout-rules.repository';
import { ruleExists, ruleNotFound } from './policy.errors';

/** What is left out stays as it is. */
export type PayoutRuleChange = Partial<Omit<PayoutRule, 'key' | 'kind'>>;

/** Limits and rules as administrators keep them; each deed is audited in its transaction. */
@Injectable()
export class PolicyDesk {
  constructor(
    private readonly limits: PayoutLimitsRepository,
    private readonly rules: PayoutRulesRepository,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  limitList(tx: Tx): Promise<ApprovalLimit[]> {
    return this.limits.list(tx);
  }

  /** All of them at once. @throws INVALID_INPUT. */
  async replaceLimits(tx: Tx, limits: readonly ApprovalLimit[], actor: Actor): Promise<ApprovalLimit[]> {
    const problems = limitProblems(limits);
    if (problems.length > 0) throw invalidInput(problems);
    await this.limits.queueUp(tx);
    const before = await this.limits.list(tx);
    await this.limits.replace(tx, limits, this.clock.wall());
    const after = await this.limits.list(tx);
    await this.audit.record(tx, {
      ...{ actor, action: 'payout_policy.change', objectType: 'payout_policy', objectId: 'limits', customerId: null },
      ...{ before: { limits: before }, after: { limits: after } },
    });
    return after;
  }

  ruleList(tx: Tx): Promise<StoredPayoutRule[]> {
    return this.rules.list(tx);
  }

  /** @throws INVALID_INPUT, PAYOUT_RULE_EXISTS. */
  async createRule(tx: Tx, rule: PayoutRule, actor: Actor): Promise<StoredPayoutRule> {
    assertWhole(rule);
    const at = this.clock.wall();
    if (!(await this.rules.insert(tx, rule, at))) throw ruleExists(rule.key);
    await this.record(tx, 'create', actor, undefined, rule);
    return { ...rule, createdAt: at, updatedAt: at };
  }

  /** @throws PAYOUT_RULE_NOT_FOUND, INVALID_INPUT. */
  async changeRule(tx: Tx, key: string, change: PayoutRuleChange, actor: Actor): Promise<StoredPayoutRule> {
    const before = await this.rules.lock(tx, key);
    if (!before) throw ruleNotFound(key);
    // The body as it came has a field for everything, also for what was left out.
    const given = Object.entries(change as Record<string, unknown>).filter(([, value]) => value !== undefined);
    if (given.length === 0) throw invalidInput([{ field: 'body', message: 'must name at least one thing to change' }]);
    const after: StoredPayoutRule = { ...before, ...Object.fromEntries(given), updatedAt: this.clock.wall() };
    assertWhole(after);
    await this.rules.save(tx, after);
    await this.record(tx, 'change', actor, before, after);
    return after;
  }

  private record(tx: Tx, verb: string, actor: Actor, before: PayoutRule | undefined, after: PayoutRule): Promise<void> {
    const object = { objectType: 'payout_rule', objectId: after.key, customerId: null };
    return this.audit.record(tx, { actor, action: `payout_rule.${verb}`, ...object, ...(before && { before }), after });
  }
}

function assertWhole(rule: PayoutRule): void {
  const problems = ruleProblems(rule);
  if (problems.length > 0) throw invalidInput(problems);
}
