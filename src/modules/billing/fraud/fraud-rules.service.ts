import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog, type Actor } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { invalidInput } from '../../../platform/http';
import { DEFAULT_RULES } from './domain/default-rules';
import { ruleProblems, type FraudRule } from './domain/rule';
import { ruleExists, ruleNotFound } from './fraud.errors';
import { FraudRulesRepository, type StoredRule } from './fraud-rules.repository';

/** What is left out stays as it is. */
export type RuleChange = Partial<Omit<FraudRule, 'key' | 'signal'>>;

/** The rules as operators keep them; each deed is audited in its transaction. */
@Injectable()
export class FraudRules implements OnApplicationBootstrap {
  private readonly logger = new Logger(FraudRules.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly rules: FraudRulesRepository,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** So that a release's new rules are there without a command. A database that is away is no reason not to start. */
  async onApplicationBootstrap(): Promise<void> {
    await this.seed().catch((error: unknown) => {
      this.logger.warn(`The default fraud rules are not in place yet: ${String(error)}`);
    });
  }

  /** Idempotent; what an operator has changed stays. @returns keys of the rules that were new. */
  async seed(): Promise<string[]> {
    const at = this.clock.wall();
    return this.unitOfWork.service(async (tx) => {
      const created: string[] = [];
      for (const rule of DEFAULT_RULES) if (await this.rules.insert(tx, rule, at)) created.push(rule.key);
      return created;
    });
  }

  list(tx: Tx): Promise<StoredRule[]> {
    return this.rules.list(tx);
  }

  /** @throws INVALID_INPUT, FRAUD_RULE_EXISTS */
  async create(tx: Tx, rule: FraudRule, actor: Actor): Promise<StoredRule> {
    assertWhole(rule);
    const at = this.clock.wall();
    if (!(await this.rules.insert(tx, rule, at))) throw ruleExists(rule.key);
    await this.record(tx, 'fraud_rule.create', actor, undefined, rule);
    return { ...rule, createdAt: at, updatedAt: at };
  }

  /** @throws FRAUD_RULE_NOT_FOUND, INVALID_INPUT */
  async change(tx: Tx, key: string, change: RuleChange, actor: Actor): Promise<StoredRule> {
    const before = await this.rules.lock(tx, key);
    if (!before) throw ruleNotFound(key);
    // The body as it came has a field for everything, also for what was left out.
    const given = Object.entries(change as Record<string, unknown>).filter(([, value]) => value !== undefined);
    if (given.length === 0) throw invalidInput([{ field: 'body', message: 'must name at least one thing to change' }]);
    const after: StoredRule = { ...before, ...Object.fromEntries(given), updatedAt: this.clock.wall() };
    assertWhole(after);
    await this.rules.save(tx, after);
    await this.record(tx, 'fraud_rule.change', actor, before, after);
    return after;
  }

  private async record(
    tx: Tx,
    action: string,
    actor: Actor,
    before: FraudRule | undefined,
    after: FraudRule,
  ): Promise<void> {
    await this.audit.record(tx, {
      actor,
      action,
      objectType: 'fraud_rule',
      objectId: after.key,
      customerId: null,
      ...(before && { before }),
      after,
    });
  }
}

function assertWhole(rule: FraudRule): void {
  const problems = ruleProblems(rule);
  if (problems.length > 0) throw invalidInput(problems);
}
