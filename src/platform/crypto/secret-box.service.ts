import { Injectable } from '@nestjs/common';
import { unavailable } from '../../shared/app-error';
import { AppConfig } from '../config';
import { seal, sealingKey, unseal, type SealingKey } from './sealing';

/** Secrets that have to be read again, at rest: AES-256-GCM under the newest of ENCRYPTION_KEYS; all of them open. */
@Injectable()
export class SecretBox {
  private readonly keys: readonly SealingKey[];

  constructor(config: AppConfig) {
    this.keys = config.encryptionKeys.map(sealingKey);
  }

  /** @param context whose secret it is. @throws ENCRYPTION_NOT_CONFIGURED without a key: nothing is kept in clear instead. */
  seal(text: string, context: string): string {
    const [newest] = this.keys;
    if (!newest)
      throw unavailable('ENCRYPTION_NOT_CONFIGURED', 'ENCRYPTION_KEYS is not set, so secrets cannot be kept');
    return seal(newest, text, context);
  }

  /** Null where no key of ours opens it. */
  open(sealed: string, context: string): string | null {
    return unseal(this.keys, sealed, context);
  }

  /** What is sealed under the newest key begins so; the rest is to be sealed again before its key is taken away. */
  get newestPrefix(): string | null {
    const [newest] = this.keys;
    return newest ? `v1.${newest.id}.` : null;
  }
}
