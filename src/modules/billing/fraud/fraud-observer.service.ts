import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import { observedHere, resemblesTesting, timesUsual, USUAL_SAMPLES, type AttemptFacts } from './domain/observations';
import { lookback, type FraudRule } from './domain/rule';
import { FraudSignalsRepository, type Subject } from './fraud-signals.repository';

/** One attempt as the rules see it. */
export interface ObservedAttempt {
  subject: Subject;
  facts: AttemptFacts;
  /** Business time. */
  at: Date;
}

/** Milliseconds one question may take at most: a rule must not keep the till waiting. */
const PATIENCE_MS = 2_000;

/** A rule's question had no answer, or none in time. */
export class UnansweredRuleError extends Error {
  constructor(key: string, cause: unknown) {
    super(`The fraud rule ${key} has no answer: ${String(cause)}`, { cause });
    this.name = 'UnansweredRuleError';
  }
}

/** Finds out what each rule asks. */
@Injectable()
export class FraudObserver {
  constructor(private readonly signals: FraudSignalsRepository) {}

  /** By the rule's key; null where nothing is known. @throws UnansweredRuleError */
  async observe(
    tx: Tx,
    rules: readonly FraudRule[],
    attempt: ObservedAttempt,
  ): Promise<ReadonlyMap<string, number | null>> {
    const observed = new Map<string, number | null>();
    await this.signals.limitTime(tx, PATIENCE_MS);
    for (const rule of rules) {
      const seen = await this.observeOne(tx, rule, attempt).catch((error: unknown) => {
        throw new UnansweredRuleError(rule.key, error);
      });
      observed.set(rule.key, seen);
    }
    return observed;
  }

  private async observeOne(tx: Tx, rule: FraudRule, { subject, facts, at }: ObservedAttempt): Promise<number | null> {
    const here = observedHere(rule, facts);
    if (here !== undefined) return here;
    const window = lookback(at, rule.windowSeconds ?? 0);
    const { signal } = rule;
    if (signal === 'amount_vs_customer' || signal === 'amount_vs_house') {
      if (facts.amount === null || facts.currency === null) return null;
      const whose = signal === 'amount_vs_customer' ? subject.customerId : null;
      const usual = await this.signals.usual(tx, whose, facts.currency, window.since);
      return timesUsual(facts.amount, usual, USUAL_SAMPLES[signal]);
    }
    if (signal === 'small_failures_of_house' && !resemblesTesting(rule, facts)) return null;
    return this.signals.count(tx, rule, subject, window);
  }
}
