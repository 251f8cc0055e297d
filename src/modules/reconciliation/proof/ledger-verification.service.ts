import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { Snapshots, type Snapshot } from '../../../platform/database';
import { LedgerChecks, SealFileCheck, type Finding, type LedgerCheck } from '../../ledger';
import { InvoicesCheck } from './invoices-check.repository';
import { MirrorCheck } from './mirror-check.service';

/** As long as a request may wait. */
const QUICK_MS = 10_000;
const SHOWN = 100;

/** What one check came to. */
export interface Checked {
  kinds: readonly string[];
  /** False where the time was up before it came to its end. */
  complete: boolean;
  looked: Readonly<Record<string, number>>;
}

export interface Verification {
  asOf: Date;
  /** Every check came to its end. */
  complete: boolean;
  checks: Checked[];
  /** How many, all of them; only the first are kept. */
  differences: number;
  byKind: Readonly<Record<string, number>>;
  findings: readonly Finding[];
}

export interface VerificationRequest {
  /** A file of seals that was kept elsewhere. */
  against?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Told as they are found. */
  onFinding?: ((finding: Finding) => void) | undefined;
  onCheck?: ((checked: Checked) => void) | undefined;
}

/** Proves the books: what they say of themselves, and what facts and mirrors say of them. Changes nothing. */
@Injectable()
export class LedgerVerification {
  private underWay: Promise<Verification> | undefined;

  constructor(
    private readonly snapshots: Snapshots,
    private readonly ledger: LedgerChecks,
    private readonly file: SealFileCheck,
    private readonly invoices: InvoicesCheck,
    private readonly mirrors: MirrorCheck,
    private readonly clock: Clock,
  ) {}

  /** Everything, however long it takes, in bounded memory. @throws SealFileError, TRY_LATER */
  async run({ against, ...request }: VerificationRequest): Promise<Verification> {
    const kept: LedgerCheck[] =
      against === undefined
        ? []
        : [{ kinds: ['against'], run: async (context) => ({ kept: await this.file.run(against, context) }) }];
    const proof = new Proof(this.clock.wall(), request);
    await this.inSnapshot([...kept, ...this.ledger.all, this.invoices], proof);
    // Looks for itself, and for longer than a snapshot may lie idle.
    await proof.take(this.mirrors.kinds, (report) => this.mirrors.run(report));
    return proof.result();
  }

  /**
   * What can be told within seconds: all but the refolding, which the worker does round and round by itself. Who asks while it is
   * being found out hears the same.
   */
  quick(): Promise<Verification> {
    this.underWay ??= this.runQuick().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  private async runQuick(): Promise<Verification> {
    const proof = new Proof(this.clock.wall(), { signal: AbortSignal.timeout(QUICK_MS) });
    await this.inSnapshot([...this.ledger.all, this.invoices], proof, QUICK_MS);
    return proof.result();
  }

  private async inSnapshot(checks: readonly LedgerCheck[], proof: Proof, statementMs?: number): Promise<void> {
    const snapshot = await this.snapshots.take();
    try {
      if (statementMs !== undefined) await limitStatements(snapshot, statementMs);
      for (const check of checks) {
        await proof.take(check.kinds, (report) => check.run({ snapshot, report, signal: proof.signal }));
      }
    } finally {
      await snapshot.close();
    }
  }
}

/** Counts all findings, keeps the first. */
class Proof {
  private readonly checks: Checked[] = [];
  private readonly counts = new Map<string, number>();
  private readonly first: Finding[] = [];
  private total = 0;

  constructor(
    private readonly asOf: Date,
    private readonly request: Omit<VerificationRequest, 'against'>,
  ) {}

  get signal(): AbortSignal | undefined {
    return this.request.signal;
  }

  private isStopped(): boolean {
    return this.signal?.aborted === true;
  }

  async take(
    kinds: readonly string[],
    run: (report: (finding: Finding) => void) => Promise<Readonly<Record<string, number>>>,
  ): Promise<void> {
    const checked: Checked = { kinds, complete: false, looked: {} };
    this.checks.push(checked);
    if (this.isStopped()) return;
    try {
      checked.looked = await run(this.report);
      checked.complete = true;
    } catch (error) {
      // Out of time is an answer too. A statement's own limit ends after the signal's.
      if (!this.isStopped()) throw error;
    }
    this.request.onCheck?.(checked);
  }

  result(): Verification {
    const { asOf, checks, counts, first: findings, total: differences } = this;
    const complete = checks.every((check) => check.complete);
    return { asOf, complete, checks, differences, byKind: Object.fromEntries(counts), findings };
  }

  private readonly report = (finding: Finding): void => {
    this.total += 1;
    this.counts.set(finding.kind, (this.counts.get(finding.kind) ?? 0) + 1);
    if (this.first.length < SHOWN) this.first.push(finding);
    this.request.onFinding?.(finding);
  };
}

async function limitStatements(snapshot: Snapshot, ms: number): Promise<void> {
  await snapshot.query("SELECT set_config('statement_timeout', $1, true)", [String(ms)]);
}
