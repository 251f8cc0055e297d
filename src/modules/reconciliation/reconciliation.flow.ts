import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { customerRefOf, HOUSE_ACCOUNT } from '../../shared/aggregate';
import { isAppError } from '../../shared/app-error';
import { Alerts } from '../../platform/alerts';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Outbox } from '../../platform/outbox';
import { QUEUES, WakeService } from '../../platform/queue';
import type { MovementKind, StatementLine } from '../../shared/statement-line';
import type { StatementSource, TellingObject } from '../../providers/statement.port';
import { CustomersService } from '../customers';
import { BreakDesk, type Repairs } from './break-desk.service';
import { BooksRepository } from './books.repository';
import { keyOfLine, type BookLine } from './domain/book-lines';
import {
  compareMovement,
  isYoung,
  POLICY,
  REPAIRABLE,
  type Finding,
  type MovementGroup,
  type RunWindow,
} from './domain/compare-movement';
import { totalsOf } from './domain/run-totals';
import { ReconciliationBreaksRepository } from './reconciliation-breaks.repository';
import { RunLostError } from './reconciliation.errors';
import { ReconciliationLinesRepository } from './reconciliation-lines.repository';
import { ReconciliationRunsRepository, type Run, type RunCursor } from './reconciliation-runs.repository';
import { StatementSources } from './statement-sources';

/** Movements, or journal transactions, to a step. */
const BATCH = 200;
/** Customers to a step where each is asked for by himself. */
const CUSTOMERS = 20;
const MAX_ATTEMPTS = 6;
const RETRY_MS = 5_000;

/** What moves without a customer. */
const OF_THE_ACCOUNT: ReadonlySet<MovementKind> = new Set<MovementKind>(['payout', 'payout_failure', 'fee', 'other']);

/** Told after each step. */
export type Progress = (run: Run, cursor: RunCursor) => void;

/**
 * Carries runs out, step by step: what a step has read from the provider is compared and committed together with where the
 * next one begins, so that a run that was killed goes on there and comes to the same.
 */
@Injectable()
export class ReconciliationFlow implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ReconciliationFlow.name);
  private stopped = false;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: StatementSources,
    private readonly runs: ReconciliationRunsRepository,
    private readonly lines: ReconciliationLinesRepository,
    private readonly books: BooksRepository,
    private readonly breaks: ReconciliationBreaksRepository,
    private readonly desk: BreakDesk,
    private readonly customers: CustomersService,
    private readonly alerts: Alerts,
    private readonly outbox: Outbox,
    private readonly wakes: WakeService,
  ) {}

  /** What is under way goes on elsewhere, or after the restart. */
  beforeApplicationShutdown(): void {
    this.stopped = true;
  }

  /** One run that is due, to its end or to where it fails. @returns false where none is due. */
  async workOne(): Promise<boolean> {
    return (await this.work(null)) !== null;
  }

  /** @param id this run, or null for any that is due. @returns null where another process is at it, or it has ended. */
  async work(id: string | null, progress: Progress = () => undefined): Promise<Run | null> {
    const owner = randomUUID();
    const run = await this.unitOfWork.service((tx) => this.runs.claim(tx, owner, id));
    if (!run) return null;
    try {
      let cursor = run.cursor;
      while (cursor.phase !== 'end') {
        if (this.stopped) throw new RunLostError('This process ends');
        cursor = await this.step(owner, run, cursor);
        progress(run, cursor);
      }
      await this.finish(owner, run);
      this.outbox.wake();
    } catch (error) {
      await this.giveUp(owner, run, error);
    }
    return this.unitOfWork.service((tx) => this.runs.byId(tx, run.id));
  }

  private step(owner: string, run: Run, cursor: Exclude<RunCursor, { phase: 'end' }>): Promise<RunCursor> {
    const source = this.sources.of(run.provider);
    switch (cursor.phase) {
      case 'statement':
        return this.fetch(owner, run, source, cursor.page);
      case 'customers':
        return this.fetchCustomers(owner, run, source, cursor.after);
      case 'movements':
        return this.compare(owner, run, source, cursor.after);
      case 'books':
        return this.lookForBooks(owner, run, source, cursor.after);
    }
  }

  /** With a margin: what stands a little before or after the window may belong to what stands within it. */
  private async fetch(owner: string, run: Run, source: StatementSource, page: string | null): Promise<RunCursor> {
    const listed = await source.lines(aboutWindow(run), page ?? undefined);
    const end: RunCursor = { phase: source.linesOfCustomer ? 'customers' : 'movements', after: '' };
    const next: RunCursor = listed.next === null ? end : { phase: 'statement', page: listed.next };
    await this.commit(owner, run, next, (tx) => this.lines.addStatement(tx, run.id, listed.items));
    return next;
  }

  /** Of whom something was fetched already, all was: a customer is read whole. */
  private async fetchCustomers(owner: string, run: Run, source: StatementSource, after: string): Promise<RunCursor> {
    const refs = await this.unitOfWork.service((tx) => this.books.customers(tx, run, after, CUSTOMERS));
    const lines: StatementLine[] = [];
    // One after the other: the provider's rate is for everybody.
    for (const ref of refs) lines.push(...((await source.linesOfCustomer?.(ref, aboutWindow(run))) ?? []));
    const last = refs.length < CUSTOMERS ? undefined : refs.at(-1);
    const next: RunCursor =
      last === undefined ? { phase: 'movements', after: '' } : { phase: 'customers', after: last };
    await this.commit(owner, run, next, (tx) => this.lines.addStatement(tx, run.id, lines));
    return next;
  }

  private async compare(owner: string, run: Run, source: StatementSource, after: string): Promise<RunCursor> {
    const { movements, books, statuses } = await this.unitOfWork.service(async (tx) => {
      const found = await this.lines.nextMovements(tx, run.id, after, BATCH);
      const objects = [...found.values()].flat().flatMap(({ objectRef }) => objectRef ?? []);
      return {
        movements: found,
        books: await this.books.ofMovements(tx, run.provider, [...found.keys()]),
        statuses: await this.books.statuses(tx, run.provider, objects),
      };
    });
    const groups = [...movements].map(([key, provider]): MovementGroup => {
      const status = statuses.get(provider[0]?.objectRef ?? '') ?? null;
      return { key, provider, books: books.filter((book) => book.key === key), status };
    });
    const foreign = await this.foreignAmong(run, source, groups);
    const findings = groups
      .filter(({ key }) => !foreign.has(key))
      .flatMap((group) => compareMovement(group, windowOf(run)));
    const last = [...movements.keys()].at(-1);
    const next: RunCursor =
      last === undefined || movements.size < BATCH
        ? { phase: 'books', after: null }
        : { phase: 'movements', after: last };
    const repairs = await repairsOf(source, findings);
    await this.commit(owner, run, next, async (tx) => {
      await this.lines.addBooks(tx, run.id, dated(books, movements));
      const others = [...foreign].flatMap((key) => (movements.get(key) ?? []).map(({ ref }) => ref));
      await this.lines.discount(tx, run.id, others);
      await this.desk.record(tx, run, findings, repairs);
    });
    this.wake(findings.length);
    return next;
  }

  /** What the books have in the window and the statement does not, near it: asked for object by object. */
  private async lookForBooks(
    owner: string,
    run: Run,
    source: StatementSource,
    after: { at: string; id: string } | null,
  ): Promise<RunCursor> {
    const { books, next } = await this.unitOfWork.service(async (tx) => {
      const found = await this.books.inTime(tx, run.provider, run, after, BATCH);
      const compared = await this.lines.comparedAmong(tx, run.id, found.keys);
      const left = found.keys.filter((key) => !compared.has(key));
      return { books: await this.books.ofMovements(tx, run.provider, left), next: found.next };
    });
    const groups = new Map<string, BookLine[]>();
    for (const book of books) groups.set(book.key, [...(groups.get(book.key) ?? []), book]);
    const findings: Finding[] = [];
    // One after the other: rarely any, and the provider's rate is for everybody.
    for (const [key, own] of groups) findings.push(...(await this.sought(source, run, key, own)));
    const following: RunCursor = next ? { phase: 'books', after: next } : { phase: 'end' };
    const repairs = await repairsOf(source, findings);
    await this.commit(owner, run, following, async (tx) => {
      await this.lines.addBooks(tx, run.id, books);
      await this.desk.record(tx, run, findings, repairs);
    });
    this.wake(findings.length);
    return following;
  }

  private async sought(source: StatementSource, run: Run, key: string, books: readonly BookLine[]): Promise<Finding[]> {
    if (books.every(({ at }) => isYoung(at, run.startedAt))) return [];
    const refs = new Set(books.map(({ objectRef }) => objectRef));
    const provider: StatementLine[] = [];
    for (const ref of refs) provider.push(...(await source.linesOf(ref)).filter((line) => keyOfLine(line) === key));
    return compareMovement({ key, provider, books, status: null }, windowOf(run));
  }

  /** Keys of the movements that are nobody's of ours: on a shared account most may be others'. */
  private async foreignAmong(
    run: Run,
    source: StatementSource,
    groups: readonly MovementGroup[],
  ): Promise<ReadonlySet<string>> {
    const foreign = new Set<string>();
    if (!source.isShared) return foreign;
    const whose = new Map<string, string>();
    for (const { key, provider, books } of groups) {
      const [line] = provider;
      if (!line || books.length > 0) continue;
      const aggregate = await source.whose(line);
      // A payment without a customer is none of ours; a fee without one is our account's.
      if (aggregate === null && !OF_THE_ACCOUNT.has(line.kind)) foreign.add(key);
      if (aggregate !== null && customerRefOf(aggregate) !== HOUSE_ACCOUNT) whose.set(key, customerRefOf(aggregate));
    }
    if (whose.size === 0) return foreign;
    const claims = [...new Set(whose.values())].map((providerId) => ({ providerId, ownerId: null }));
    const ours = await this.unitOfWork.service((tx) => this.customers.resolve(tx, run.provider, claims));
    for (const [key, ref] of whose) if (!ours.has(ref)) foreign.add(key);
    return foreign;
  }

  /** What a step has done, and where the next one begins. */
  private commit(owner: string, run: Run, next: RunCursor, write: (tx: Tx) => Promise<void>): Promise<void> {
    return this.unitOfWork.service(async (tx) => {
      // First: it is also the lock against a process that thinks the run is its own.
      if (!(await this.runs.advance(tx, owner, run.id, next))) throw new RunLostError('Its lease was lost');
      await write(tx);
    });
  }

  private finish(owner: string, run: Run): Promise<void> {
    return this.unitOfWork.service(async (tx) => {
      await this.desk.resolveUnseen(tx, run);
      const sums = await this.lines.sums(tx, run.id, run);
      const linesOn = (side: string): number =>
        sums.reduce((sum, row) => (row.side === side ? sum + row.lines : sum), 0);
      const counts = {
        ...{ providerLines: linesOn('provider'), bookLines: linesOn('books') },
        foreign: await this.lines.foreignIn(tx, run.id),
        ...(await this.breaks.countsOf(tx, run.id)),
      };
      await this.lines.drop(tx, run.id);
      const end = { status: 'finished', counts, totals: totalsOf(sums), errorContext: null } as const;
      if (!(await this.runs.end(tx, owner, run.id, end))) throw new RunLostError('Its lease was lost');
    });
  }

  /** Put back for another try; after some of them in vain it has failed, and somebody is told. */
  private async giveUp(owner: string, run: Run, error: unknown): Promise<void> {
    this.logger.warn(`Reconciliation ${run.id} broke off: ${String(error)}`);
    if (error instanceof RunLostError) {
      await this.unitOfWork.service((tx) => this.runs.putBack(tx, owner, run.id, 0, null));
      return;
    }
    const context = isAppError(error)
      ? { code: error.code, message: error.message }
      : { code: 'UNEXPECTED', message: 'The run broke off; its error is in the log' };
    await this.unitOfWork.service(async (tx) => {
      const attempts = (await this.runs.byId(tx, run.id))?.attempts ?? 0;
      if (attempts + 1 < MAX_ATTEMPTS) {
        await this.runs.putBack(tx, owner, run.id, RETRY_MS * 2 ** attempts, context);
        return;
      }
      const end = { status: 'failed', counts: null, totals: null, errorContext: context } as const;
      if (!(await this.runs.end(tx, owner, run.id, end))) return;
      await this.lines.drop(tx, run.id);
      await this.alerts.raise(tx, {
        kind: 'reconciliation.failed',
        severity: 'warning',
        causeKey: `reconciliation.failed:${run.provider}`,
        message: `A reconciliation with ${run.provider} has failed: ${context.code}`,
        details: { runId: run.id, code: context.code },
      });
    });
  }

  private wake(findings: number): void {
    if (findings === 0) return;
    this.outbox.wake();
    this.wakes.wake(QUEUES.webhooks);
  }
}

/** What stands a little beside the window may belong to what stands within it. */
function aboutWindow({ from, to }: Run): { from: Date; to: Date } {
  const { dateToleranceMs } = POLICY;
  return { from: new Date(from.getTime() - dateToleranceMs), to: new Date(to.getTime() + dateToleranceMs) };
}

function windowOf({ from, to, startedAt: asOf }: Run): RunWindow {
  return { from, to, asOf };
}

/** Pure: what the books date by whoever told of it stands, in the totals, on the provider's day. */
function dated(books: readonly BookLine[], movements: ReadonlyMap<string, readonly StatementLine[]>): BookLine[] {
  return books.map((book) =>
    book.isDated ? book : { ...book, at: movements.get(book.key)?.[0]?.createdAt ?? book.at },
  );
}

/** Network: what to read so that what is missing gets booked, what was paid elsewhere is moved, and what has drifted is known. */
async function repairsOf(source: StatementSource, findings: readonly Finding[]): Promise<Repairs> {
  const repairs = new Map<string, readonly TellingObject[]>();
  for (const finding of findings) {
    const telling = await tellingOf(source, finding);
    if (telling.length > 0) repairs.set(finding.key, telling);
  }
  return repairs;
}

async function tellingOf(source: StatementSource, { type, line, book }: Finding): Promise<TellingObject[]> {
  if (line && REPAIRABLE.has(type)) return source.telling(line);
  return type === 'missing_there' && book ? source.tellingOf(book.objectRef) : [];
}
