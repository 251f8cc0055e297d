import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../../platform/config';
import { SecretBox } from '../../../platform/crypto';
import { identityText, type BankAccount, type BankDetails } from './domain/bank-account';

const KEY_BYTES = 32;

/** What is sealed of a beneficiary. */
export type Sealed = Pick<BankAccount, 'name' | 'details'>;

/** An account under every key that is in use. */
export interface Fingerprint {
  /** Under the newest key: what is written. */
  readonly newest: string;
  /** Under all of them, the newest first: what is looked for. */
  readonly all: readonly string[];
}

/**
 * Names and bank details at rest. The account's fingerprint is an HMAC, because all account numbers of a bank can be tried
 * against a bare hash; under a key of its own (HKDF, RFC 5869), derived from each of ENCRYPTION_KEYS.
 */
@Injectable()
export class BeneficiaryVault {
  private readonly keys: readonly Buffer[];

  constructor(
    config: AppConfig,
    private readonly box: SecretBox,
  ) {
    // Without a key nothing is sealed, and so nobody is looked for either.
    const given = config.encryptionKeys.length > 0 ? config.encryptionKeys : [createSecretKey(randomBytes(KEY_BYTES))];
    this.keys = given.map((key) => Buffer.from(hkdfSync('sha256', key, '', 'kassa.beneficiaries.accounts', KEY_BYTES)));
  }

  /** @throws ENCRYPTION_NOT_CONFIGURED. */
  seal(id: string, { name, details }: Sealed): string {
    return this.box.seal(JSON.stringify({ name, details }), contextOf(id));
  }

  /** Null where no key of ours opens it, or nothing is left of it. */
  open(id: string, sealed: string | null): Sealed | null {
    const text = sealed === null ? null : this.box.open(sealed, contextOf(id));
    return text === null ? null : (JSON.parse(text) as { name: string; details: BankDetails });
  }

  /** @param account normalised. */
  fingerprint(account: BankAccount): Fingerprint {
    const text = identityText(account);
    const all = this.keys.map((key) => createHmac('sha256', key).update(text).digest('base64url'));
    return { newest: all[0] ?? '', all };
  }

  /** What is sealed under the newest key begins so. */
  get newestPrefix(): string | null {
    return this.box.newestPrefix;
  }
}

const contextOf = (id: string): string => `beneficiaries:${id}`;
