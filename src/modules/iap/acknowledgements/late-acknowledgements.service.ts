import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Alerts } from '../../../platform/alerts';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { Clock } from '../../../shared/clock';
import { AcknowledgementsRepository } from './acknowledgements.repository';

const EVERY_MS = 60_000;
/** Of the three days; the first two are for us to try. */
const WARN_MS = 24 * 3_600_000;
const KIND = 'google.acknowledgement_late';

/** Tells operators while there is still time: Google will give money back, and customers will lose what they have bought. */
@Injectable()
export class LateAcknowledgements implements OnModuleInit {
  /** What this process has said last: a storm of the same is one alert. */
  private said = '';

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    private readonly acknowledgements: AcknowledgementsRepository,
    private readonly alerts: Alerts,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    if (!this.config.google) return;
    this.sweepers.register({ name: 'google-acknowledgements-late', everyMs: EVERY_MS, run: () => this.look() });
  }

  /** @returns how many are late. */
  async look(): Promise<number> {
    const before = new Date(this.clock.now().getTime() + WARN_MS);
    return this.unitOfWork.service(async (tx) => {
      const { count, firstDueAt } = await this.acknowledgements.late(tx, before);
      const details = { count, firstDueAt: firstDueAt?.toISOString() ?? null };
      const said = JSON.stringify(details);
      if (said === this.said) return count;
      if (count === 0) await this.alerts.resolveOthers(tx, KIND, []);
      else {
        const message = 'Purchases that Google is not told of yet are refunded by it within a day';
        await this.alerts.raise(tx, { kind: KIND, severity: 'critical', causeKey: KIND, message, details });
      }
      this.said = said;
      return count;
    });
  }
}
