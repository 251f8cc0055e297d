import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog } from '../../../platform/audit';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { IdempotencyContext } from '../../../platform/http';
import { WiseGateway } from '../../../providers/wise';
import { isBankDetails } from '../beneficiaries/dto/is-bank-details';
import { personOf, type PayoutActor } from '../payout-record.service';
import { payoutsOff } from '../payouts.errors';
import { batchNotFound, fileUnreadable, sameFileAgain } from './batches.errors';
import { BatchesRepository, type Batch, type BatchLineRow, type NewLine } from './batches.repository';
import { BatchSeal } from './batch-seal.service';
import { readBatchFile, UnreadableFile, type FileKind, type RawLine } from './domain/batch-file';
import { readLine } from './domain/batch-line';

export interface BatchFile {
  kind: FileKind;
  bytes: Buffer;
  /** The same file came within a day, and is meant. It holds for its lines, too. */
  confirmDuplicate: boolean;
}

export type BatchWithLines = Batch & { lines: BatchLineRow[] };

const SAME_FILE_MS = 86_400_000;

/** Files of payouts as they are taken in, looked at, and called off; each deed is audited. */
@Injectable()
export class BatchDesk {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly wise: WiseGateway,
    private readonly batches: BatchesRepository,
    private readonly seal: BatchSeal,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes a file in: lines that cannot be payouts are said to be so at once, the others wait for a worker.
   * @throws INVALID_INPUT for a file that cannot be read, DUPLICATE_SUSPECTED, PROVIDER_NOT_CONFIGURED, ENCRYPTION_NOT_CONFIGURED.
   */
  async take({ kind, bytes, confirmDuplicate }: BatchFile, actor: PayoutActor): Promise<BatchWithLines> {
    if (!this.wise.isOn) throw payoutsOff();
    const raw = linesIn(kind, bytes);
    const id = this.batches.newBatchId();
    const lines = raw.map((line, index) => this.newLine(id, index + 1, line));
    const fileHash = this.seal.digest(bytes);
    const keyed = IdempotencyContext.current();
    const requestKey = keyed ? `${keyed.scope}:${keyed.key}` : null;
    return this.unitOfWork.service(async (tx) => {
      const since = new Date(this.clock.wall().getTime() - SAME_FILE_MS);
      const same = await this.batches.sameFile(tx, fileHash, since);
      const repeated = requestKey === null ? null : await this.batches.byRequestKey(tx, requestKey);
      if (repeated !== null) return this.found(tx, repeated);
      if (same !== null && !confirmDuplicate) throw sameFileAgain(same);
      const batch = { id, fileHash, requestKey, confirmDuplicate, preparedBy: personOf(actor), roles: actor.roles };
      await this.batches.insert(tx, batch, lines);
      await this.record(tx, 'take', id, actor, { lines: lines.length });
      return this.found(tx, id);
    });
  }

  /** @throws PAYOUT_BATCH_NOT_FOUND. */
  async found(tx: Tx, id: string): Promise<BatchWithLines> {
    const batch = await this.batches.byId(tx, id);
    if (!batch) throw batchNotFound(id);
    return { ...batch, lines: await this.batches.lines(tx, id) };
  }

  /** What is not prepared yet will not be; twice is once. @throws PAYOUT_BATCH_NOT_FOUND. */
  async cancel(tx: Tx, id: string, actor: PayoutActor): Promise<BatchWithLines> {
    const canceled = await this.batches.cancel(tx, id, personOf(actor));
    const batch = await this.found(tx, id);
    if (canceled !== null) await this.record(tx, 'cancel', id, actor, { lines: canceled });
    return batch;
  }

  private newLine(batchId: string, number: number, raw: RawLine): NewLine {
    const read = readLine(raw, isBankDetails);
    if ('line' in read) return { number, sealed: this.seal.seal(batchId, number, read.line) };
    const details = { fields: read.problems };
    return { number, error: { code: 'INVALID_INPUT', message: 'The line is not valid', details } };
  }

  private record(tx: Tx, verb: string, id: string, actor: PayoutActor, after: object): Promise<void> {
    const object = { objectType: 'payout_batch', objectId: id, customerId: null };
    return this.audit.record(tx, { actor, action: `payout_batch.${verb}`, ...object, after });
  }
}

function linesIn(kind: FileKind, bytes: Buffer): RawLine[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fileUnreadable('is not a text in UTF-8');
  }
  if (text.includes('\u0000')) throw fileUnreadable('must not contain the character U+0000');
  try {
    return readBatchFile(kind, text);
  } catch (error) {
    throw error instanceof UnreadableFile ? fileUnreadable(error.message) : error;
  }
}
