import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { takeSweepTurns, UnitOfWork, type SweptPage, type Tx } from '../../../platform/database';
import { Outbox, type DomainEvent } from '../../../platform/outbox';
import { Sweepers } from '../../../platform/queue';
import { BILLING_EVENTS } from '../billing.events';
import { CardExpiryNoticesRepository, type ExpiringCard } from './card-expiry-notices.repository';
import { expiringMonths, expiryOf } from './domain/card-expiry';

const TURN = 'expiring-cards';
const SWEEP_MS = 60_000;
const PAGE = 200;
const PAGES = 50;

/**
 * Tells of cards 30 days before they expire, where a renewal would be charged to them: once for each date on a card, so one
 * that the network renews is told of again for its new date only. Whether that falls before the next renewal does not
 * matter: who pays by the year has a month, too, and networks renew most cards by then.
 */
@Injectable()
export class ExpiringCards implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notices: CardExpiryNoticesRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: TURN, everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** To the end of the round, or as far as a pass goes. @returns how many cards were told of. */
  async sweep(): Promise<number> {
    const told = await takeSweepTurns(this.unitOfWork, { name: TURN, pages: PAGES }, (tx, from) =>
      this.tellNext(tx, from),
    );
    if (told > 0) this.outbox.wake();
    return told;
  }

  /** The notice and its event are one commit. */
  private async tellNext(tx: Tx, after: string): Promise<SweptPage> {
    const at = this.clock.now();
    const months = expiringMonths(at);
    if (!months) return { position: '', count: 0, more: false };
    const { told, position } = await this.notices.takeNext(tx, months, { after, limit: PAGE, at });
    await this.outbox.append(
      tx,
      told.map((card) => expiring(card, at)),
    );
    return { position, count: told.length, more: position !== '' };
  }
}

function expiring(card: ExpiringCard, occurredAt: Date): DomainEvent {
  const { id, customerId, provider, providerId: methodRef, brand, last4, expMonth, expYear } = card;
  const expiresAt = expiryOf({ year: expYear, month: expMonth }).toISOString();
  return {
    type: BILLING_EVENTS.paymentMethodExpiring,
    objectType: 'payment_method',
    objectId: id,
    customerId,
    payload: { paymentMethodId: id, provider, methodRef, brand, last4, expMonth, expYear, expiresAt },
    occurredAt,
  };
}
