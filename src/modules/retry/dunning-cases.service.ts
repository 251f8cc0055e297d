import { Injectable } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import type { Provider } from '../../shared/facts';
import { AppConfig } from '../../platform/config';
import type { Tx } from '../../platform/database';
import { Outbox, type DomainEvent } from '../../platform/outbox';
import { CaseDerivationRepository } from './case-derivation.repository';
import { caseChanges, type CaseChanges } from './domain/case-standing';
import type { DunningCase } from './dunning-case';
import { RETRY_EVENTS } from './retry.events';

/** An event about a case. */
export function caseEvent(
  type: string,
  of: Pick<DunningCase, 'id' | 'customerId' | 'subscriptionId' | 'invoiceId'>,
  occurredAt: Date,
  more: Record<string, unknown> = {},
): DomainEvent {
  const { id: caseId, customerId, subscriptionId, invoiceId } = of;
  const payload = { caseId, invoiceId, subscriptionId, ...more };
  return { type, objectType: 'dunning_case', objectId: caseId, customerId, payload, occurredAt };
}

/** Which cases are open: a function of the mirror rows of invoices and subscriptions, made anew whenever one is written. */
@Injectable()
export class DunningCases {
  constructor(
    private readonly repository: CaseDerivationRepository,
    private readonly outbox: Outbox,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** @param subscriptionIds ours. @returns how many cases were opened. */
  async derive(tx: Tx, subscriptionIds: readonly string[]): Promise<number> {
    if (subscriptionIds.length === 0) return 0;
    // The cases are locked before anything is read: of two at once the second sees what the first has written.
    const cases = await this.repository.lock(tx, subscriptionIds);
    const candidates = await this.repository.candidates(tx, subscriptionIds);
    const changes = caseChanges(candidates, cases, this.clock.now());
    await this.repository.close(tx, changes.close);
    await this.repository.amend(tx, changes.amend);
    await this.repository.markLate(tx, changes.latePaid);
    const opened = await this.repository.open(tx, changes.open, (provider) => this.ownerOf(provider));
    await this.outbox.append(tx, [...endEvents(changes, this.clock.now()), ...openEvents(changes, opened)]);
    return opened.length;
  }

  /** Stores run their own retries. */
  private ownerOf(provider: Provider): 'kassa' | 'provider' {
    return provider === 'stripe' && this.config.retryOwner === 'kassa' ? 'kassa' : 'provider';
  }
}

function openEvents(changes: CaseChanges, opened: readonly { id: string; invoiceId: string }[]): DomainEvent[] {
  const ids = new Map(opened.map(({ id, invoiceId }) => [invoiceId, id]));
  return changes.open.flatMap((candidate) => {
    const id = ids.get(candidate.invoiceId);
    if (id === undefined) return [];
    const { openedAt, graceUntil } = candidate;
    const dates = { openedAt: openedAt.toISOString(), graceUntil: graceUntil.toISOString() };
    return [caseEvent(RETRY_EVENTS.caseOpened, { ...candidate, id }, openedAt, dates)];
  });
}

function endEvents({ close, latePaid }: CaseChanges, now: Date): DomainEvent[] {
  const ended = close.map(({ case: one, status, reason }) => {
    if (status === 'recovered') {
      const at = one.invoicePaidAt ?? now;
      return caseEvent(RETRY_EVENTS.recovered, one, at, { paidAt: at.toISOString() });
    }
    if (status === 'exhausted') {
      const graceUntil = one.graceUntil.toISOString();
      return caseEvent(RETRY_EVENTS.exhausted, one, now, {
        graceUntil,
        endAction: null,
        endInvoice: null,
      });
    }
    return caseEvent(RETRY_EVENTS.closed, one, now, { reason });
  });
  const late = latePaid.map((one) => {
    const at = one.invoicePaidAt ?? now;
    return caseEvent(RETRY_EVENTS.lateSuccess, one, at, { paidAt: at.toISOString() });
  });
  return [...ended, ...late];
}
