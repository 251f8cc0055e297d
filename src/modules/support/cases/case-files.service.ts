import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { AccessHistory, completePolicy } from '../../billing';
import { classify, RecoveryCases } from '../../retry';
import { invoiceNotFound } from '../support.errors';
import { TicketsRepository, type Ticket } from '../tickets.repository';
import { meaningOf } from './domain/decline-words';
import { CaseFilesRepository } from './case-files.repository';
import type { CaseAccess, CaseDecline, CaseFact, CaseInvoice, CaseSubscription, CaseFile } from './case-file';

/** Puts together what is known of a declined renewal; of any other invoice, as much of it as there is. */
@Injectable()
export class CaseFiles {
  constructor(
    private readonly cases: CaseFilesRepository,
    private readonly tickets: TicketsRepository,
    private readonly recovery: RecoveryCases,
    private readonly access: AccessHistory,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Looking at it is looking at a customer, and audited as such. @throws INVOICE_NOT_FOUND */
  async of(tx: Tx, invoiceId: string, actor: Actor): Promise<CaseFile> {
    const invoice = await this.cases.invoice(tx, invoiceId);
    if (!invoice) throw invoiceNotFound(invoiceId);
    const { customerId } = invoice;
    await this.audit.record(tx, {
      ...{ actor, action: 'customer.read', objectType: 'customer', objectId: customerId, customerId },
      after: { what: 'case', invoiceId },
    });
    const subscription = await this.cases.subscription(tx, invoiceId);
    const history = await this.recovery.ofInvoice(tx, invoiceId);
    const facts = await this.cases.facts(tx, invoice, subscription?.providerId ?? null);
    return {
      invoice,
      subscription,
      policy: completePolicy(subscription?.dunning ?? {}),
      standing: history?.case ?? null,
      attempts: history?.attempts ?? [],
      declines: facts.flatMap(declineOf),
      reminders: history?.reminders ?? [],
      facts,
      tickets: await this.ticketsOf(tx, invoice),
      access: subscription ? await this.accessOf(tx, invoice, subscription) : [],
    };
  }

  private async ticketsOf(tx: Tx, invoice: CaseInvoice): Promise<Ticket[]> {
    const found: Ticket[] = [];
    for (const id of await this.cases.ticketIds(tx, invoice)) {
      const ticket = await this.tickets.byId(tx, id);
      if (ticket) found.push(ticket);
    }
    return found;
  }

  /** From what was so when the invoice was made. */
  private async accessOf(tx: Tx, invoice: CaseInvoice, subscription: CaseSubscription): Promise<CaseAccess[]> {
    const { provider, customerId, createdAt } = invoice;
    const { id, providerId } = subscription;
    const steps = await this.access.of(tx, { id, provider, providerId, customerId }, this.clock.now());
    const shown = steps.filter(({ to }) => to === null || to > createdAt);
    const codes = await this.cases.planCodes(tx, [...new Set(shown.flatMap(({ planId }) => planId ?? []))]);
    return shown.map(({ planId, ...step }) => ({ ...step, plan: codes.get(planId ?? '') ?? null }));
  }
}

/** Each declined attempt is told once by its payment. */
function declineOf({ at, kind, declineCode }: CaseFact): CaseDecline[] {
  if (kind !== 'payment.failed') return [];
  const { class: declineClass } = classify({ declineCode, adviceCode: null, networkAdviceCode: null });
  return [{ at, code: declineCode, class: declineClass, meaning: meaningOf(declineCode, declineClass) }];
}
