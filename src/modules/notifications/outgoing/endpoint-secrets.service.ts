import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { SecretBox } from '../../../platform/crypto';
import type { Tx } from '../../../platform/database';
import { SecretsRepository, type SealedSecret } from './secrets.repository';

/** 24 to 64, say the Standard Webhooks. */
const SECRET_BYTES = 32;
const RESEAL_PAGE = 100;

export interface SignedMessage {
  readonly id: string;
  readonly at: Date;
  readonly body: string;
}

/** What messages are signed with: kept encrypted, shown once, and rotated without a message being lost. */
@Injectable()
export class EndpointSecrets {
  constructor(
    private readonly box: SecretBox,
    private readonly secrets: SecretsRepository,
  ) {}

  /** @param formerForMs how long the former one signs along. @returns in clear, for the only time. @throws ENCRYPTION_NOT_CONFIGURED. */
  async renew(tx: Tx, endpointId: string, formerForMs: number): Promise<string> {
    const id = this.secrets.newSecretId();
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
    await this.secrets.replace(tx, { id, endpointId, sealed: this.box.seal(secret, contextOf(id)) }, formerForMs);
    return secret;
  }

  /** Per endpoint, in clear; one with a secret that no key of ours opens any more has none of it. */
  async open(tx: Tx, endpointIds: readonly string[]): Promise<Map<string, readonly string[]>> {
    const opened = new Map<string, string[]>();
    for (const secret of await this.secrets.signing(tx, endpointIds)) {
      const clear = this.opened(secret);
      if (clear !== null) opened.set(secret.endpointId, [...(opened.get(secret.endpointId) ?? []), clear]);
    }
    return opened;
  }

  /** Under the newest key, so that an older one can be taken out of the settings. */
  async sealAgain(tx: Tx): Promise<void> {
    const prefix = this.box.newestPrefix;
    if (prefix === null) return;
    const old = await this.secrets.sealedOtherwise(tx, prefix, RESEAL_PAGE);
    const again = old.flatMap((secret) => {
      const clear = this.opened(secret);
      return clear === null ? [] : [{ id: secret.id, sealed: this.box.seal(clear, contextOf(secret.id)) }];
    });
    if (again.length > 0) await this.secrets.sealAgain(tx, again);
  }

  private opened({ id, sealed }: SealedSecret): string | null {
    return this.box.open(sealed, contextOf(id));
  }
}

/** Pure: the headers of the Standard Webhooks; a signature for each secret. */
export function signedHeaders({ id, at, body }: SignedMessage, secrets: readonly string[]): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

const contextOf = (secretId: string): string => `webhook_secrets:${secretId}`;
