import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { HealthRegistry } from '../../../platform/http';
import { Metrics } from '../../../platform/metrics';
import { Sweepers } from '../../../platform/queue';
import { NotificationsRepository } from './notifications.repository';

const SWEEP_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** As long as somebody may want to look up what he was told. */
const MESSAGES_DAYS = 400;
const MAIL_DAYS = 30;
const PAGE = 1_000;

/** Says when nobody gets mail, and lets go of what was told long ago. */
@Injectable()
export class NotificationUpkeep implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger(NotificationUpkeep.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: NotificationsRepository,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    private readonly sweepers: Sweepers,
    private readonly health: HealthRegistry,
    metrics: Metrics,
  ) {
    metrics.gauge({
      name: 'kassa_notifications_pending',
      help: 'Messages that are not sent yet, by channel',
      labelNames: ['channel'],
      collect: async (gauge) => {
        gauge.reset();
        for (const { channel, n } of await this.unitOfWork.service((tx) => notifications.backlog(tx))) {
          gauge.set({ channel }, n);
        }
      },
    });
  }

  onModuleInit(): void {
    this.sweepers.register({ name: 'old-notifications', everyMs: SWEEP_MS, run: () => this.forget() });
    const isOn = this.config.messages.smtp !== undefined;
    this.health.register({
      name: 'mail',
      critical: false,
      check: () => Promise.resolve({ up: isOn || !this.config.isProduction, details: { smtp: isOn ? 'on' : 'off' } }),
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.isProduction && this.config.messages.smtp === undefined) {
      this.logger.warn('SMTP_URL is not set: mail to customers is kept for operators to see, and sent to nobody');
    }
  }

  /** @returns how many messages are gone. */
  async forget(): Promise<number> {
    const now = this.clock.now().getTime();
    const before = { messages: new Date(now - MESSAGES_DAYS * DAY_MS), mail: new Date(now - MAIL_DAYS * DAY_MS) };
    let gone = 0;
    for (;;) {
      const page = await this.unitOfWork.service((tx) => this.notifications.forget(tx, before, PAGE));
      gone += page;
      if (page < PAGE) return gone;
    }
  }
}
