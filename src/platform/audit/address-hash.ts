import { createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config';

const KEY_BYTES = 32;

/**
 * Where operators act from, so that two deeds from one place are seen to be so and nobody learns which place it is. Keyed,
 * because all addresses there are can be tried in minutes against a bare hash; under a key of its own (HKDF, RFC 5869),
 * derived from the newest of ENCRYPTION_KEYS, so that it cannot be matched with the addresses of payments.
 */
@Injectable()
export class AddressHash {
  private readonly key: Buffer;

  constructor(config: AppConfig) {
    // Outside production there may be no key; then each process knows again only what it has seen itself.
    const given = config.encryptionKeys[0] ?? createSecretKey(randomBytes(KEY_BYTES));
    this.key = Buffer.from(hkdfSync('sha256', given, '', 'kassa.audit.addresses', KEY_BYTES));
  }

  /** 32 bytes in base64url. */
  of(address: string): string {
    return createHmac('sha256', this.key).update(address).digest('base64url');
  }
}
