import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../platform/config';
import { SecretBox } from '../../../platform/crypto';
import type { BatchLine } from './domain/batch-line';

const KEY_BYTES = 32;

/** Lines while they wait: bank details are in them. */
@Injectable()
export class BatchSeal {
  private readonly key: Buffer;

  constructor(
    config: AppConfig,
    private readonly box: SecretBox,
  ) {
    // Without a key nothing can be sealed, and so no file is taken.
    const given = config.encryptionKeys[0] ?? createSecretKey(randomBytes(KEY_BYTES));
    this.key = Buffer.from(hkdfSync('sha256', given, '', 'kassa.payouts.files', KEY_BYTES));
  }

  /** @throws ENCRYPTION_NOT_CONFIGURED. */
  seal(batchId: string, number: number, line: BatchLine): string {
    return this.box.seal(JSON.stringify(line), contextOf(batchId, number));
  }

  /** Null where no key of ours opens it. */
  open(batchId: string, number: number, sealed: string): BatchLine | null {
    const text = this.box.open(sealed, contextOf(batchId, number));
    return text === null ? null : (JSON.parse(text) as BatchLine);
  }

  /** By which the same file is noticed. */
  digest(file: Buffer): string {
    return createHmac('sha256', this.key).update(file).digest('base64url');
  }
}

const contextOf = (batchId: string, number: number): string => `payout_batch_lines:${batchId}:${number}`;
