import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { UnitOfWork } from '../../platform/database';
import { Outbox, type OutboxConsumer, type StoredDomainEvent } from '../../platform/outbox';
import { DelayedJobs, QUEUES, Sweepers } from '../../platform/queue';
import { AttemptsRepository, type DuePlace } from './attempts.repository';
import { DunningCallsFlow } from './dunning-calls.flow';
import { DunningPlanner } from './dunning-planner.service';
import { RecoveryChargeFlow } from './recovery-charge.flow';
import type { RecoveryAttempt } from './recovery-attempt';
import { RETRY_EVENTS } from './retry.events';

const SWEEP_MS = 5_000;
const BATCH = 200;
/** Calls to the provider at once. */
const CALLS = 8;

export interface Progress {
  /** Cases that were looked at. */
  cases: number;
  reminders: number;
  scheduled: number;
  /** Attempts that were carried out, or found not to be due any more. */
  attempts: number;
  /** Taken over, or ended. */
  calls: number;
}

export const NO_PROGRESS: Progress = { cases: 0, reminders: 0, scheduled: 0, attempts: 0, calls: 0 };

/** Does what is due: plans cases batch by batch, and then calls the provider for those that need it. */
@Injectable()
export class DunningWorker implements OnModuleInit, OutboxConsumer {
  readonly name = 'dunning';
  readonly types = [RETRY_EVENTS.caseOpened, RETRY_EVENTS.attempted, RETRY_EVENTS.recovered];

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly planner: DunningPlanner,
    private readonly calls: DunningCallsFlow,
    private readonly charges: RecoveryChargeFlow,
    private readonly attempts: AttemptsRepository,
    private readonly jobs: DelayedJobs,
    private readonly outbox: Outbox,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.outbox.register(this);
    this.sweepers.register({ name: 'dunning', everyMs: SWEEP_MS, run: () => this.drain() });
    this.sweepers.register({ name: 'payment-retry', everyMs: SWEEP_MS, run: () => this.chargeDue() });
  }

  /** A case is taken up as soon as it is open, and again after each attempt. */
  async handle(event: StoredDomainEvent): Promise<void> {
    if (event.type === RETRY_EVENTS.recovered) return this.calls.resume(event.objectId);
    await this.pass([event.objectId]);
    await this.pass([event.objectId]);
  }

  /** Until nothing is due. @param report after each batch. */
  async drain(report: (progress: Progress) => void = () => undefined, batch = BATCH): Promise<Progress> {
    let all = NO_PROGRESS;
    for (;;) {
      const one = await this.pass(null, batch);
      all = sum(all, one);
      if (one.cases > 0) report(all);
      if (one.cases < batch && one.calls === 0) return all;
    }
  }

  /** What is due by now, each once. @param report after each batch. @returns how many attempts were looked at. */
  async chargeDue(report: (looked: number) => void = () => undefined, batch = BATCH): Promise<number> {
    const until = this.clock.now();
    let looked = 0;
    for (let after: DuePlace | null = null; ;) {
      const from = { until, after };
      const page: DuePlace[] = await this.unitOfWork.service((tx) => this.attempts.due(tx, from, batch));
      await inParallel(page, ({ id }) => this.charges.run(id));
      looked += page.length;
      if (page.length > 0) report(looked);
      after = page.at(-1) ?? null;
      if (page.length < batch) return looked;
    }
  }

  /** One batch of what is due. @param ids only these. */
  async pass(ids: readonly string[] | null, batch = BATCH): Promise<Progress> {
    const { cases, reminders, attempts, calls } = await this.unitOfWork.service((tx) =>
      this.planner.pass(tx, batch, ids),
    );
    if (cases > 0) this.outbox.wake();
    this.await(attempts);
    await inParallel(calls, ({ caseId, call }) => this.calls.run(caseId, call));
    return { cases, reminders, scheduled: attempts.length, attempts: 0, calls: calls.length };
  }

  /** A job for each row, that comes when it is due. */
  await(attempts: readonly RecoveryAttempt[]): void {
    const now = this.clock.now().getTime();
    this.jobs.plan(
      QUEUES.paymentRetry,
      attempts.map(({ id, dueAt }) => ({ id, delayMs: dueAt.getTime() - now })),
    );
  }
}

function sum(a: Progress, b: Progress): Progress {
  return {
    cases: a.cases + b.cases,
    reminders: a.reminders + b.reminders,
    scheduled: a.scheduled + b.scheduled,
    attempts: a.attempts + b.attempts,
    calls: a.calls + b.calls,
  };
}

/** A few at a time: the provider's rate is for everybody. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const lanes = Array.from({ length: Math.min(CALLS, left.length) }, async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  });
  await Promise.all(lanes);
}
