import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Gauge } from 'prom-client';
import { Clock } from '../../../shared/clock';
import { Alerts } from '../../../platform/alerts';
import { takeSweepTurn, UnitOfWork } from '../../../platform/database';
import { Metrics } from '../../../platform/metrics';
import { Sweepers } from '../../../platform/queue';
import { StripeGateway } from '../../../providers/stripe';
import { CatalogDriftFlow, type DriftReport } from './catalog-drift.flow';
import { driftKey, type Drift, type DriftKind } from './domain/catalog-drift';

const ALERT = 'catalog.drift';
const TURN = 'catalog-drift';
const LOOK_MS = 10 * 60_000;
const DAY_MS = 86_400_000;
const KINDS: readonly DriftKind[] = ['missing_there', 'missing_here', 'differs'];

/** Once a day: is Stripe's catalog still ours? One alert for each difference, resolved when it is gone. */
@Injectable()
export class CatalogDriftWatch implements OnModuleInit {
  private readonly found: Gauge<'kind'>;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly drift: CatalogDriftFlow,
    private readonly stripe: StripeGateway,
    private readonly alerts: Alerts,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
    metrics: Metrics,
  ) {
    this.found = metrics.gauge({
      name: 'kassa_catalog_drifts',
      help: 'Differences between our catalog and Stripe as of the last look of this process',
      labelNames: ['kind'],
    });
  }

  onModuleInit(): void {
    this.sweepers.register({ name: TURN, everyMs: LOOK_MS, run: () => this.sweep() });
  }

  /** @returns null where it is not due, or another process has looked. A look that fails is made again at the next turn. */
  async sweep(): Promise<DriftReport | null> {
    if (!this.stripe.isConfigured || !(await this.claim())) return null;
    try {
      return await this.look();
    } catch (error) {
      await this.unitOfWork.service((tx) =>
        takeSweepTurn(tx, TURN, () => Promise.resolve({ position: '', result: true })),
      );
      throw error;
    }
  }

  private async look(): Promise<DriftReport> {
    const report = await this.drift.check();
    for (const kind of KINDS) this.found.set({ kind }, report.drifts.filter((drift) => drift.kind === kind).length);
    await this.unitOfWork.service(async (tx) => {
      for (const drift of report.drifts) {
        await this.alerts.raise(tx, {
          kind: ALERT,
          severity: 'warning',
          causeKey: driftKey(drift),
          message: messageOf(drift),
          details: { ...drift },
        });
      }
      await this.alerts.resolveOthers(tx, ALERT, report.drifts.map(driftKey));
    });
    return report;
  }

  /** The turn's position is the wall time of the last look. */
  private async claim(): Promise<boolean> {
    const now = this.clock.wall();
    const claimed = await this.unitOfWork.service((tx) =>
      takeSweepTurn(tx, TURN, (position) => {
        const due = position === '' || now.getTime() - Date.parse(position) >= DAY_MS;
        return Promise.resolve({ position: due ? now.toISOString() : position, result: due });
      }),
    );
    return claimed ?? false;
  }
}

function messageOf({ kind, objectType, field }: Drift): string {
  const object = objectType === 'plan' ? 'product' : 'price';
  switch (kind) {
    case 'missing_there':
      return `Stripe has lost a ${object} of ours`;
    case 'missing_here':
      return `Stripe has a ${object} under our name that we do not know`;
    case 'differs':
      return `A ${object} at Stripe is not as it is here: ${field ?? ''}`;
  }
}
