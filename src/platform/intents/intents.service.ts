import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { AppError, conflict, isAppError, type AppErrorKind } from '../../shared/app-error';
import { Clock } from '../../shared/clock';
import { canonicalJson } from '../../shared/fact-order';
import { AuditLog, SYSTEM, type Actor } from '../audit';
import { isUniqueViolation, retryWhileBusy, UnitOfWork, type Tx } from '../database';
import { Sweepers } from '../queue';
import { IntentRepository } from './intent.repository';
import type { Intent, IntentFailure, IntentSpec, ProviderOutcome } from './intent.types';

/** Providers keep idempotency keys for 24 h; beyond 20 the same key might already act a second time. */
const KEY_LIFE_MS = 20 * 3_600_000;
/** A request that is still alive settles its intent itself. */
const STALE_AFTER_MS = 90_000;
const SWEEP_BATCH = 20;

/**
 * Looks once more, in the transaction that begins the intent, whether it may go ahead; a throw undoes the intent. What an
 * earlier request of the same customer has committed meanwhile is seen here, which a check before could have missed.
 */
export type IntentGuard = (tx: Tx, intent: Intent) => Promise<void>;
const NO_GUARD: IntentGuard = () => Promise.resolve();

/** One kind of outgoing call that creates or charges. */
export interface IntentHandler<Result extends ProviderOutcome = ProviderOutcome> {
  readonly kind: string;
  /** The call itself, with `idempotencyKey`. AppError of kind provider or unavailable: unknown outcome; other kinds: refused. */
  call(intent: Intent, idempotencyKey: string): Promise<Result>;
  /** Reads whether the provider has it, by the intent's id; null where it has not. */
  find(intent: Intent): Promise<Result | null>;
  /** In the transaction that settles the intent. */
  commit(tx: Tx, intent: Intent, result: Result): Promise<void>;
  /** In the transaction that settles it as failed: gives back what the guard has taken for it. */
  release?(tx: Tx, intent: Intent): Promise<void>;
}

/**
 * Outgoing calls that must happen once: commit the intent, call with a key made from it, commit the outcome. Whatever
 * breaks in between is taken up by the next request with the same key, or by the sweeper, and resolved by reading
 * wherever the provider may have forgotten the key.
 */
@Injectable()
export class Intents implements OnModuleInit {
  private readonly logger = new Logger(Intents.name);
  private readonly handlers = new Map<string, IntentHandler>();

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: IntentRepository,
    private readonly clock: Clock,
    private readonly sweepers: Sweepers,
    private readonly audit: AuditLog,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'intents', everyMs: 5_000, run: () => this.resolveStale() });
  }

  register(handler: IntentHandler): void {
    this.handlers.set(handler.kind, handler);
  }

  /**
   * Runs an intent to its end, or shows the end it already had.
   * @param guard not asked again once the provider may have acted.
   * @throws REQUEST_IN_PROGRESS while another request holds it; the provider's refusal; PROVIDER_ERROR on an unknown outcome.
   */
  async run(spec: IntentSpec, actor: Actor, guard: IntentGuard = NO_GUARD): Promise<ProviderOutcome> {
    const { intent, leased } = await this.begin(spec, guard);
    if (intent.state === 'succeeded') return { providerId: intent.providerId ?? '', outcome: intent.outcome ?? {} };
    if (intent.state === 'failed') throw toError(intent);
    if (!leased) throw inProgress();
    return this.attempt(intent, actor);
  }

  /** What an earlier request under this key has begun: whoever repeats it goes on with that, however things look by now. */
  known(dedupeKey: string): Promise<Intent | null> {
    return this.unitOfWork.service((tx) => this.repository.byKey(tx, dedupeKey));
  }

  /** Settles what a crashed or cut-off request left open. Safe on many instances: leases keep them apart. */
  async resolveStale(): Promise<number> {
    const olderThan = new Date(this.clock.wall().getTime() - STALE_AFTER_MS);
    const stale = await this.unitOfWork.service((tx) =>
      this.repository.takeStale(tx, [...this.handlers.keys()], olderThan, SWEEP_BATCH),
    );
    for (const intent of stale) {
      await this.resolveByReading(intent).catch((error: unknown) => {
        this.logger.warn(`Intent ${intent.id} is still open: ${String(error)}`);
      });
    }
    return stale.length;
  }

  private async begin(spec: IntentSpec, guard: IntentGuard): Promise<{ intent: Intent; leased: boolean }> {
    try {
      return await this.beginOnce(spec, guard);
    } catch (error) {
      if (!isAnotherOpen(error) || spec.customerId === null) throw error;
    }
    const open = await this.unitOfWork.service((tx) => this.repository.takeOpen(tx, spec.customerId ?? '', spec.kind));
    if (!open) throw inProgress();
    // Asked for the very same thing again after an unknown outcome: the same intent, and so the same key at the provider.
    if (canonicalJson(open.params) === canonicalJson(spec.params)) return { intent: open, leased: true };
    await this.orGiveBack(open, () => this.resolveByReading(open));
    return this.beginOnce(spec, guard).catch((error: unknown) => {
      throw isAnotherOpen(error) ? inProgress() : error;
    });
  }

  private beginOnce(spec: IntentSpec, guard: IntentGuard): Promise<{ intent: Intent; leased: boolean }> {
    return this.unitOfWork.service(async (tx) => {
      const { alone, customerId, kind, dedupeKey } = spec;
      if (alone && customerId !== null && (await this.repository.hasOther(tx, customerId, kind, dedupeKey))) {
        throw new NotAlone();
      }
      const begun = await this.repository.begin(tx, spec);
      if (begun.leased && begun.intent.calledAt === null) await guard(tx, begun.intent);
      return begun;
    });
  }

  private async attempt(intent: Intent, actor: Actor): Promise<ProviderOutcome> {
    const handler = this.handlerOf(intent);
    const keyIsSpent = this.keyIsSpent(intent);
    if (keyIsSpent || intent.state === 'unknown') {
      const found = await this.orGiveBack(intent, () => handler.find(intent));
      if (found) return this.settle(handler, intent, found, actor);
    }
    const generation = intent.keyGeneration + (keyIsSpent ? 1 : 0);
    await this.unitOfWork.service((tx) => this.repository.calling(tx, intent.id, generation));
    let result: ProviderOutcome;
    try {
      result = await handler.call(intent, `kassa-${intent.id}-${generation}`);
    } catch (error) {
      await this.recordFailure(intent, error);
      throw error;
    }
    return this.settle(handler, intent, result, actor);
  }

  /** Who could not even look knows no more than before: the next request may look at once, not when the lease is over. */
  private async orGiveBack<T>(intent: Intent, look: () => Promise<T>): Promise<T> {
    try {
      return await look();
    } catch (error) {
      await this.unitOfWork.service((tx) => this.repository.giveBack(tx, intent.id));
      throw error;
    }
  }

  /** Too old for the provider to remember, or answered by a 5xx that the provider would only repeat. */
  private keyIsSpent(intent: Intent): boolean {
    if (!intent.calledAt) return false;
    const answered5xx = intent.state === 'unknown' && intent.errorContext?.details['replayable'] === true;
    return answered5xx || this.clock.wall().getTime() - intent.calledAt.getTime() > KEY_LIFE_MS;
  }

  private async resolveByReading(intent: Intent): Promise<void> {
    const handler = this.handlerOf(intent);
    const found = intent.calledAt ? await handler.find(intent) : null;
    if (found) {
      await this.settle(handler, intent, found, SYSTEM);
      return;
    }
    await this.fail(intent, {
      kind: 'conflict',
      code: 'INTENT_ABANDONED',
      message: 'The request was cut off before the provider acted; it may be made again',
      details: {},
    });
  }

  private fail(intent: Intent, failure: IntentFailure): Promise<void> {
    return this.unitOfWork.service(async (tx) => {
      const isFailed = await this.repository.fail(tx, intent.id, failure);
      if (isFailed) await this.handlerOf(intent).release?.(tx, intent);
    });
  }

  /** The provider has acted: what it answered must be committed, so a busy aggregate is waited for a little. */
  private async settle(
    handler: IntentHandler,
    intent: Intent,
    result: ProviderOutcome,
    actor: Actor,
  ): Promise<ProviderOutcome> {
    await retryWhileBusy(() =>
      this.unitOfWork.service(async (tx) => {
        await handler.commit(tx, intent, result);
        await this.repository.succeed(tx, intent.id, result);
        await this.audit.record(tx, {
          actor,
          action: intent.kind,
          objectType: 'intent',
          objectId: intent.id,
          customerId: intent.customerId,
          after: { provider: intent.provider, providerId: result.providerId },
        });
      }),
    );
    return result;
  }

  /** A refusal settles the intent; anything else leaves it open, because the provider may have acted. */
  private async recordFailure(intent: Intent, error: unknown): Promise<void> {
    const failure = isAppError(error)
      ? { kind: error.kind, code: error.code, message: error.message, details: error.details }
      : { kind: 'unexpected', code: 'UNEXPECTED', message: String(error), details: {} };
    const refused = isAppError(error) && DEFINITE.has(error.kind);
    await (refused
      ? this.fail(intent, failure)
      : this.unitOfWork.service((tx) => this.repository.unknown(tx, intent.id, failure)));
  }

  private handlerOf(intent: Intent): IntentHandler {
    const handler = this.handlers.get(intent.kind);
    if (!handler) throw new Error(`No handler for intents of kind ${intent.kind}`);
    return handler;
  }
}

/** Another intent of its kind is open; undoes the transaction that would have begun a second. */
class NotAlone extends Error {}

function isAnotherOpen(error: unknown): boolean {
  return error instanceof NotAlone || isUniqueViolation(error);
}

/** Kinds that say the provider has understood and will not do it. */
const DEFINITE: ReadonlySet<AppErrorKind> = new Set([
  'validation',
  'business',
  'not_found',
  'authorization',
  'conflict',
]);

function toError(intent: Intent): AppError {
  const failure = intent.errorContext;
  return new AppError({
    kind: (failure?.kind ?? 'unexpected') as AppErrorKind,
    code: failure?.code ?? 'UNEXPECTED',
    message: failure?.message ?? 'The request failed',
    details: failure?.details ?? {},
  });
}

function inProgress(): AppError {
  return conflict('REQUEST_IN_PROGRESS', 'The same request is being worked on; try again in a moment');
}
