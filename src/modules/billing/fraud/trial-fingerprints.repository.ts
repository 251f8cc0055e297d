import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database';
import type { Pseudonym } from './pseudonyms.service';

@Injectable()
export class TrialFingerprintsRepository {
  /**
   * Takes a card's one trial for a customer. Of two accounts at once one gets it; who has it keeps it.
   * @returns whose it is now.
   */
  async claim(tx: Tx, card: Pseudonym, customerId: string, at: Date): Promise<string> {
    await tx.$executeRaw`
      INSERT INTO trial_fingerprints (card_hash, customer_id, at) SELECT ${card.newest}, ${customerId}, ${at}
      WHERE NOT EXISTS (SELECT FROM trial_fingerprints WHERE card_hash = ANY (${card.all}::text[]))
      ON CONFLICT DO NOTHING`;
    // A statement of its own, so that it sees what another has committed while this one waited for it.
    const rows = await tx.$queryRaw<{ customerId: string }[]>`
      SELECT customer_id AS "customerId" FROM trial_fingerprints WHERE card_hash = ANY (${card.all}::text[]) ORDER BY at LIMIT 1`;
    const owner = rows[0]?.customerId;
    if (owner === undefined) throw new Error('A claimed card belongs to nobody');
    return owner;
  }
}
