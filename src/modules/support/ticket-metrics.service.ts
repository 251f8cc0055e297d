import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../shared/clock';
import { UnitOfWork } from '../../platform/database';
import { Metrics } from '../../platform/metrics';
import { TICKET_PRIORITIES, TICKET_STATUSES } from './domain/ticket';
import { TicketsRepository, type TicketCount } from './tickets.repository';

/** How much work waits for people. */
@Injectable()
export class TicketMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: TicketsRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge({
      name: 'kassa_support_tickets_unresolved',
      help: 'Support tickets that are not resolved',
      labelNames: ['status', 'priority'],
      collect: async (gauge) => {
        const counts = await this.counts();
        // Zeros too: a rule on a series that comes and goes fires late.
        for (const status of TICKET_STATUSES.filter((each) => each !== 'resolved')) {
          for (const priority of TICKET_PRIORITIES) {
            const rows = counts.filter((each) => each.status === status && each.priority === priority);
            gauge.set({ status, priority }, sumOf(rows));
          }
        }
      },
    });
    this.metrics.gauge({
      name: 'kassa_support_tickets_overdue',
      help: 'Support tickets that should have been resolved by now',
      labelNames: ['priority'],
      collect: async (gauge) => {
        const overdue = (await this.counts()).filter((each) => each.overdue);
        for (const priority of TICKET_PRIORITIES) {
          gauge.set({ priority }, sumOf(overdue.filter((each) => each.priority === priority)));
        }
      },
    });
  }

  private counts(): Promise<TicketCount[]> {
    return this.unitOfWork.service((tx) => this.tickets.countUnresolved(tx, this.clock.now()));
  }
}

function sumOf(counts: readonly TicketCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
