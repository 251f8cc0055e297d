import { Injectable, Logger } from '@nestjs/common';
import { UnitOfWork } from '../../database';
import type { KeyedRequest } from './idempotency-context';
import { IdempotencyRepository, type Claim, type KeptAnswer } from './idempotency.repository';

const RENEW_EVERY_MS = 10_000;
/** Losing the race for a key twice in a row means that its holder has just begun. */
const CLAIM_ATTEMPTS = 3;
const PURGE_BATCH = 1_000;

/** A claimed key, kept alive while its request is carried out. */
export interface HeldKey {
  /** Keeps the answer for 24 hours. */
  complete(answer: KeptAnswer): Promise<void>;
  /** Keeps nothing. */
  release(): Promise<void>;
}

@Injectable()
export class IdempotencyService {
  private readonly logger = new Logger('Idempotency');

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: IdempotencyRepository,
  ) {}

  async claim(request: KeyedRequest, methodPath: string): Promise<Claim> {
    for (let attempt = 1; attempt <= CLAIM_ATTEMPTS; attempt++) {
      const claim = await this.unitOfWork.service((tx) => this.keys.claim(tx, request, methodPath));
      if (claim) return claim;
    }
    return { kind: 'running' };
  }

  /** Renews the lease from now on, until the request is completed or released. */
  hold(request: KeyedRequest, firstLease: string): HeldKey {
    let lease = firstLease;
    let pending: Promise<void> = Promise.resolve();
    const timer = setInterval(() => {
      pending = this.quietly('renew', async () => {
        lease = (await this.unitOfWork.service((tx) => this.keys.renew(tx, request, lease))) ?? lease;
      });
    }, RENEW_EVERY_MS);
    timer.unref();
    // A renewal under way changes the lease, and only the latest one is proof.
    const finish = async (what: string, work: () => Promise<void>): Promise<void> => {
      clearInterval(timer);
      await pending;
      await this.quietly(what, work);
    };
    return {
      complete: (answer) =>
        finish('complete', async () => {
          const kept = await this.unitOfWork.service((tx) => this.keys.complete(tx, request, lease, answer));
          if (!kept) this.logger.warn('A request outlived its lease; its answer was not kept');
        }),
      release: () => finish('release', () => this.unitOfWork.service((tx) => this.keys.release(tx, request, lease))),
    };
  }

  /** For the scheduler: deletes what is older than 24 hours, in batches. The number deleted. */
  async purge(): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.unitOfWork.service((tx) => this.keys.purge(tx, PURGE_BATCH));
      total += count;
      if (count < PURGE_BATCH) return total;
    }
  }

  /**
   * The request itself is done, and its caller gets the answer even if it could not be kept: the lease then runs out,
   * and a repetition runs again and finds its earlier intent.
   */
  private async quietly(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.error({ err: error, what }, 'An idempotency key could not be written');
    }
  }
}
