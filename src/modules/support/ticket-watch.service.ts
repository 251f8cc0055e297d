import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { Alerts } from '../../platform/alerts';
import { UnitOfWork, type Tx } from '../../platform/database';
import { Sweepers } from '../../platform/queue';
import { retryEnded } from './domain/retry-words';
import { stepped } from './domain/priority-rules';
import { TicketDesk } from './ticket-desk.service';
import { TicketRetriesRepository } from './ticket-retries.repository';
import { TicketsRepository, type Ticket } from './tickets.repository';

/** The end of a retry shows on its ticket so soon. */
const RETRIES_MS = 5_000;
const LATE_MS = 30_000;
const PAGE = 100;
const LATE = 'support.ticket_late';

/** Sees to tickets that nobody is looking at: those whose retry has ended, and those that are late. */
@Injectable()
export class TicketWatch implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: TicketsRepository,
    private readonly retries: TicketRetriesRepository,
    private readonly desk: TicketDesk,
    private readonly alerts: Alerts,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'support-retries', everyMs: RETRIES_MS, run: () => this.settleRetries() });
    this.sweepers.register({ name: 'support-late', everyMs: LATE_MS, run: () => this.raiseLate() });
  }

  /** Each in its own transaction; safe with many at once. @returns how many were settled. */
  async settleRetries(): Promise<number> {
    const ended = await this.unitOfWork.service((tx) => this.retries.ended(tx, PAGE));
    let settled = 0;
    for (const { ticketId, ref, kind, succeeded, code } of ended) {
      const end = { ticketId, ref, succeeded, text: retryEnded(kind, succeeded, code) };
      if (await this.unitOfWork.service((tx) => this.desk.settle(tx, end))) settled += 1;
    }
    return settled;
  }

  /** What has become late goes up by a step and is told, once; the alert ends with the last of them. @returns how many. */
  async raiseLate(): Promise<number> {
    let raised = 0;
    for (;;) {
      const late = await this.unitOfWork.service((tx) => this.raisePage(tx));
      raised += late;
      if (late < PAGE) break;
    }
    await this.unitOfWork.service(async (tx) => {
      if (!(await this.tickets.isAnyLate(tx, this.clock.now()))) await this.alerts.resolveOthers(tx, LATE, []);
    });
    return raised;
  }

  private async raisePage(tx: Tx): Promise<number> {
    const late = await this.tickets.lockLate(tx, this.clock.now(), PAGE);
    for (const ticket of late) await this.desk.breach(tx, ticket, stepped(ticket.priority, 1));
    if (late.length > 0) await this.alert(tx, late);
    return late.length;
  }

  /** One open alert, whatever number of tickets is late: a storm is one row with a count. */
  private alert(tx: Tx, late: readonly Ticket[]): Promise<void> {
    return this.alerts.raise(tx, {
      kind: LATE,
      severity: late.some(({ priority }) => priority === 'urgent' || priority === 'high') ? 'critical' : 'warning',
      causeKey: LATE,
      message: `${late.length} support ticket${late.length === 1 ? ' is' : 's are'} late: GET /support/tickets?overdue=true`,
      details: { ticketIds: late.slice(0, 20).map(({ id }) => id) },
    });
  }
}
