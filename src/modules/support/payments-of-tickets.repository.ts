import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database';

@Injectable()
export class PaymentsOfTicketsRepository {
  /** Our id of a provider's payment; null while it is not known. */
  async idOf(tx: Tx, provider: string, providerId: string): Promise<string | null> {
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM payments WHERE provider = ${provider} AND provider_id = ${providerId}`;
    return row?.id ?? null;
  }
}
