import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database';
import { InboxOperationsRepository, type InboxStatus } from '../../platform/inbox';
import { Metrics } from '../../platform/metrics';

const OPEN: readonly InboxStatus[] = ['received', 'processing', 'retrying', 'failed'];

/** How much there is left to do, counted at each scrape over indices that hold nothing else. */
@Injectable()
export class InboxBacklogMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxOperationsRepository,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge({
      name: 'kassa_inbox_rows',
      help: 'Inbox rows that are not handled, and those that failed for good, by status',
      labelNames: ['status'],
      collect: async (gauge) => {
        const counts = await this.unitOfWork.service((tx) => this.inbox.openByStatus(tx));
        // Zeros too: a rule on a series that comes and goes fires late.
        for (const status of OPEN) gauge.set({ status }, counts.find((each) => each.status === status)?.rows ?? 0);
      },
    });
  }
}
