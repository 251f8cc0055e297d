import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { isAppError, type AppError, type AppErrorKind } from '../../../shared/app-error';
import { money } from '../../../shared/money';
import { UnitOfWork } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { PayoutPrepareFlow, type PrepareRequest } from '../payout-prepare.flow';
import type { PayoutActor } from '../payout-record.service';
import { BatchesRepository, type LineError, type LineOutcome, type TakenLine } from './batches.repository';
import { BatchSeal } from './batch-seal.service';
import type { BatchLine } from './domain/batch-line';

const SWEEP_MS = 5_000;
/** Of one pass; the rest is the next one's, of this process or another. */
const LINES_PER_PASS = 100;
/** Longer than preparing one takes with all its calls. */
const LEASE_MS = 180_000;
const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 600_000;
const MOST_ATTEMPTS = 30;

/** Says that the provider, or something of ours, is away or busy: the same again may work. */
const AWAY: ReadonlySet<AppErrorKind> = new Set(['provider', 'unavailable', 'rate_limit', 'unexpected']);
/** Somebody else is at it just now. */
const BUSY = new Set(['REQUEST_IN_PROGRESS', 'TRY_AGAIN']);

/**
 * Prepares the lines of files one by one, each under a key of its own: whoever dies in between, the next one finds the
 * payout that is there, and makes none twice.
 */
@Injectable()
export class BatchWorker implements OnModuleInit {
  private readonly logger = new Logger(BatchWorker.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sweepers: Sweepers,
    private readonly batches: BatchesRepository,
    private readonly seal: BatchSeal,
    private readonly payouts: PayoutPrepareFlow,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'payout-batches', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** One bounded pass. @returns how many lines it has looked at. */
  async sweep(): Promise<number> {
    for (let done = 0; done < LINES_PER_PASS; done += 1) {
      const line = await this.unitOfWork.service((tx) => this.batches.take(tx, LEASE_MS));
      if (!line) return done;
      // Where one finds nobody at home the others would not either.
      if (!(await this.work(line))) return done + 1;
    }
    return LINES_PER_PASS;
  }

  /** @returns whether the line has come to its end. */
  private async work(line: TakenLine): Promise<boolean> {
    const outcome = await this.outcomeOf(line);
    await this.unitOfWork.service((tx) =>
      outcome === null
        ? this.batches.postpone(tx, line, waitOf(line.attempts))
        : this.batches.settle(tx, line, outcome),
    );
    return outcome !== null;
  }

  /** Null where it is to be tried again. */
  private async outcomeOf(line: TakenLine): Promise<LineOutcome | null> {
    if (line.isCanceled) {
      const payoutId = await this.unitOfWork.service((tx) => this.batches.payoutOf(tx, keyOf(line)));
      return payoutId === null ? { status: 'canceled' } : { status: 'prepared', payoutId };
    }
    const opened = this.seal.open(line.batchId, line.number, line.sealed);
    if (opened === null) return { status: 'failed', error: UNREADABLE };
    try {
      const { id } = await this.payouts.prepare(requestOf(opened, line), actorOf(line), keyOf(line));
      return { status: 'prepared', payoutId: id };
    } catch (error) {
      if (isAppError(error) && !isPassing(error)) return { status: 'failed', error: toLineError(error) };
      this.logger.warn(`Line ${line.number} of ${line.batchId} could not be prepared yet: ${String(error)}`);
      return line.attempts < MOST_ATTEMPTS ? null : { status: 'failed', error: GIVEN_UP };
    }
  }
}

const UNREADABLE: LineError = {
  ...{ code: 'LINE_UNREADABLE', details: {} },
  message: 'None of ENCRYPTION_KEYS opens this line; send it again',
};
const GIVEN_UP: LineError = {
  ...{ code: 'PROVIDER_ERROR', details: {} },
  message: 'It could not be prepared for too long; send it again',
};

/** The payout of a line: asked for again, it is the same one. */
function keyOf({ batchId, number }: TakenLine): string {
  return `batch:${batchId}:${number}`;
}

function actorOf({ preparedBy, roles }: TakenLine): PayoutActor {
  return { type: 'user', id: preparedBy, requestId: null, roles };
}

function requestOf(line: BatchLine, { confirmDuplicate }: TakenLine): PrepareRequest {
  const { beneficiary, sourceCurrency, currency, amount, reference } = line;
  const payee = 'id' in beneficiary ? beneficiary : { ...beneficiary, currency, sourceCurrency, customerId: null };
  return { beneficiary: payee, sourceCurrency, target: money(BigInt(amount), currency), reference, confirmDuplicate };
}

function isPassing({ kind, code }: AppError): boolean {
  return AWAY.has(kind) || BUSY.has(code);
}

/** Refusals never quote what was given. */
export function toLineError({ code, message, details }: AppError): LineError {
  return { code, message, details };
}

function waitOf(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 10));
}
