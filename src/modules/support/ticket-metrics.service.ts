import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { Metrics } from '../../platform/metrics';
import { TICKET_PRIORITIES } from './domain/ticket';
import { TicketsRepository } from './tickets.repository';

/** How much work waits for people. */
@Injectable()
export class TicketMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: TicketsRepository,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge({
      name: 'kassa_support_tickets_unresolved',
      help: 'Support tickets that are not resolved',
      labelNames: ['status', 'priority'],
      collect: async (gauge) => {
        const counts = await this.unitOfWork.service((tx) => this.tickets.countUnresolved(tx));
        // Zeros too: a rule on a series that comes and goes fires late.
        for (const status of ['open', 'investigating']) {
          for (const priority of TICKET_PRIORITIES) {
            const row = counts.find((each) => each.status === status && each.priority === priority);
            gauge.set({ status, priority }, row?.count ?? 0);
          }
        }
      },
    });
  }
}
