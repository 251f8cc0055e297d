/** What time will cause, in the order of time. */
export type JobKind =
  | 'charge.aftermath'
  | 'charge.book'
  | 'checkout.expire'
  | 'coupon.expire'
  | 'discount.end'
  | 'invoice.finalize'
  | 'dispute.due'
  | 'dispute.expire'
  | 'invoice.retry'
  | 'payment.settle'
  | 'payout.arrive'
  | 'payout.daily'
  | 'promotion_code.expire'
  | 'refund.fail'
  | 'refund.succeed'
  | 'schedule.advance'
  | 'schedule.expiring'
  | 'subscription.cancel'
  | 'subscription.expire_incomplete'
  | 'subscription.renew'
  | 'subscription.resume_collection'
  | 'subscription.trial_will_end'
  | 'subscription.upcoming';

export interface Job {
  readonly at: number;
  readonly sequence: number;
  readonly kind: JobKind;
  readonly id: string;
}

/** Planned jobs as they are kept between two runs. */
export interface SchedulerState {
  /** Soonest first. */
  readonly jobs: readonly Job[];
  readonly sequence: number;
}

/** At most one job of a kind per object; jobs of one second run in the order they were planned. */
export class Scheduler {
  /** Latest first, so that the next job is popped from the end; replaced jobs stay until they surface. */
  private readonly queue: Job[] = [];
  private readonly current = new Map<string, Job>();
  private sequence = 0;

  /** Plans a job, in place of an earlier one of the same kind for the same object. */
  schedule(kind: JobKind, id: string, at: number): void {
    const job: Job = { at, sequence: this.sequence++, kind, id };
    this.current.set(`${kind}:${id}`, job);
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.queue[middle];
      if (other !== undefined && other.at > at) low = middle + 1;
      else high = middle;
    }
    this.queue.splice(low, 0, job);
  }

  cancel(kind: JobKind, id: string): void {
    this.current.delete(`${kind}:${id}`);
  }

  /** The second the next job is due, or null. */
  nextDue(): number | null {
    return this.peek()?.at ?? null;
  }

  /** Removes and returns the next job due at or before `now`. */
  take(now: number): Job | null {
    const job = this.peek();
    if (job === undefined || job.at > now) return null;
    this.queue.pop();
    this.current.delete(`${job.kind}:${job.id}`);
    return job;
  }

  /** Planned jobs, soonest first. */
  list(): readonly Job[] {
    return this.queue.filter((job) => this.current.get(`${job.kind}:${job.id}`) === job).reverse();
  }

  save(): SchedulerState {
    return { jobs: this.list(), sequence: this.sequence };
  }

  /** Fills an empty scheduler. */
  restore({ jobs, sequence }: SchedulerState): void {
    this.queue.push(...[...jobs].reverse());
    for (const job of jobs) this.current.set(`${job.kind}:${job.id}`, job);
    this.sequence = sequence;
  }

  private peek(): Job | undefined {
    let job = this.queue.at(-1);
    while (job !== undefined && this.current.get(`${job.kind}:${job.id}`) !== job) {
      this.queue.pop();
      job = this.queue.at(-1);
    }
    return job;
  }
}
