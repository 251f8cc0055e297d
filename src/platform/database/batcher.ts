export interface BatcherOptions<T, R> {
  /** One statement for the whole batch; answers in the batch's order. Fails as a whole, with nothing stored. */
  readonly run: (batch: readonly T[]) => Promise<readonly R[]>;
  /** Pure: whether such a failure of a batch lies in one of its items, so that the others deserve another try. */
  readonly isItemsFault: (error: unknown) => boolean;
  /** Pure: bytes an item holds in memory; what is waiting is bounded by them. */
  readonly sizeOf: (item: T) => number;
  /** The refusal of an item for which there is no room. */
  readonly refusal: () => Error;
  /** Statements under way at once. */
  readonly lanes: number;
  readonly maxBatchItems: number;
  readonly maxBatchBytes: number;
  /** Items and bytes held at once, those under way included. */
  readonly maxItems: number;
  readonly maxBytes: number;
}

interface Entry<T, R> {
  readonly item: T;
  readonly size: number;
  readonly resolve: (answer: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets concurrent callers share statements, and so commits. Whoever comes while nothing is under way starts at once;
 * whoever comes meanwhile goes with the next batch. No timer: that would only slow down a service with little to do.
 *
 * A batch that fails for one of its items is halved until that item stands alone. Any other failure (PostgreSQL away, a
 * lock not given, a time-out) fails at once all who wait: tried one after the other they would wait for ever.
 */
export class Batcher<T, R> {
  private waiting: Entry<T, R>[] = [];
  private items = 0;
  private bytes = 0;
  private readonly lanes = new Set<Promise<void>>();

  constructor(private readonly options: BatcherOptions<T, R>) {}

  /** Answered after the statement that held the item. @throws the refusal, or the statement's error. */
  submit(item: T): Promise<R> {
    const size = this.options.sizeOf(item);
    const full = this.items >= this.options.maxItems || this.bytes + size > this.options.maxBytes;
    if (full) return Promise.reject(this.options.refusal());
    this.items += 1;
    this.bytes += size;
    return new Promise<R>((resolve, reject) => {
      this.waiting.push({ item, size, resolve, reject });
      this.start();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drain(): Promise<void> {
    while (this.lanes.size > 0) await Promise.all(this.lanes);
  }

  private start(): void {
    if (this.lanes.size >= this.options.lanes) return;
    const lane = this.work().finally(() => {
      this.lanes.delete(lane);
      // Who came after the last look at what waits, and before this, found the lane taken.
      if (this.waiting.length > 0) this.start();
    });
    this.lanes.add(lane);
  }

  private async work(): Promise<void> {
    // The requests that are being read in this very turn of the event loop still come along.
    await new Promise<void>(setImmediate);
    while (this.waiting.length > 0) await this.runBatch(this.nextBatch());
  }

  private nextBatch(): Entry<T, R>[] {
    const { maxBatchItems, maxBatchBytes } = this.options;
    let count = 0;
    let bytes = 0;
    for (const { size } of this.waiting) {
      // The first goes whatever its size, or it would never go.
      if (count === maxBatchItems || (count > 0 && bytes + size > maxBatchBytes)) break;
      count += 1;
      bytes += size;
    }
    return this.waiting.splice(0, count);
  }

  private async runBatch(batch: Entry<T, R>[]): Promise<void> {
    const parts = [batch];
    for (let part = parts.shift(); part; part = parts.shift()) {
      try {
        this.answer(part, await this.options.run(part.map(({ item }) => item)));
      } catch (error) {
        if (!this.options.isItemsFault(error))
          this.fail([part, ...parts.splice(0), this.waiting.splice(0)].flat(), error);
        else if (part.length === 1) this.fail(part, error);
        else parts.unshift(part.slice(0, part.length / 2), part.slice(part.length / 2));
      }
    }
  }

  private answer(batch: readonly Entry<T, R>[], answers: readonly R[]): void {
    this.release(batch);
    batch.forEach(({ resolve }, i) => {
      resolve(answers[i] as R);
    });
  }

  private fail(batch: readonly Entry<T, R>[], error: unknown): void {
    this.release(batch);
    for (const { reject } of batch) reject(error);
  }

  private release(batch: readonly Entry<T, R>[]): void {
    this.items -= batch.length;
    for (const { size } of batch) this.bytes -= size;
  }
}
