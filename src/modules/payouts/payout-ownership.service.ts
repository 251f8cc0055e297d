import { Injectable } from '@nestjs/common';
import { customerRefOf, HOUSE_ACCOUNT } from '../../shared/aggregate';
import type { Tx } from '../../platform/database';
import type { Ownership } from '../../platform/facts';
import { isUuid } from '../../providers/wise';
import { TransfersRepository } from './transfers.repository';

const OURS: Ownership = { kind: 'ours', customerId: HOUSE_ACCOUNT };
const FOREIGN: Ownership = { kind: 'foreign' };

/** Tells our transfers from others on the same profile: by the key that we gave them. What moves our balance is ours. */
@Injectable()
export class PayoutOwnership {
  constructor(private readonly transfers: TransfersRepository) {}

  /** One statement for all. */
  async ownersOf(tx: Tx, aggregates: readonly string[]): Promise<Map<string, Ownership>> {
    const keys = aggregates.map(customerRefOf).filter(isUuid);
    const ours = await this.transfers.ours(tx, keys);
    return new Map(
      aggregates.map((aggregate) => {
        const ref = customerRefOf(aggregate);
        return [aggregate, ref === HOUSE_ACCOUNT || ours.has(ref) ? OURS : FOREIGN];
      }),
    );
  }
}
