import { createSecretKey, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../platform/config';
import { pseudonym, pseudonymKey, type PseudonymKind } from './domain/pseudonym';

/** One thing under every key that is in use. */
export interface Pseudonym {
  /** Under the newest key: what is written. */
  readonly newest: string;
  /** Under all of them, the newest first: what is looked for. */
  readonly all: readonly string[];
}

/** Addresses and cards, so that the same one is known again, and nobody learns which it is. */
@Injectable()
export class Pseudonyms {
  private readonly keys: readonly Buffer[];

  constructor(config: AppConfig) {
    // Outside production there may be no key; then each process knows again only what it has seen itself.
    const given = config.encryptionKeys.length > 0 ? config.encryptionKeys : [createSecretKey(randomBytes(32))];
    this.keys = given.map(pseudonymKey);
  }

  of(kind: PseudonymKind, value: string): Pseudonym {
    const all = this.keys.map((key) => pseudonym(key, kind, value));
    return { newest: all[0] ?? '', all };
  }

  /** None for what is not known. */
  maybe(kind: PseudonymKind, value: string | null | undefined): Pseudonym | null {
    return value === null || value === undefined || value === '' ? null : this.of(kind, value);
  }
}
