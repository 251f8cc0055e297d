import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { DeliveriesRepository } from './deliveries.repository';
import { EndpointSecrets } from './endpoint-secrets.service';
import { MessagesRepository } from './messages.repository';
import { SecretsRepository } from './secrets.repository';

const SWEEP_MS = 60_000;
const PAGE = 1_000;

/** Lets go of what is no longer needed: old messages with their log, what waits for nobody, secrets that sign no more. */
@Injectable()
export class OutgoingUpkeep implements OnModuleInit {
  constructor(
    private readonly config: AppConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly messages: MessagesRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly secrets: EndpointSecrets,
    private readonly secretRows: SecretsRepository,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'outgoing-upkeep', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** One bounded pass; what is left over is the next one's. @returns how many messages were let go. */
  async sweep(): Promise<number> {
    await this.unitOfWork.service((tx) => this.deliveries.cancelStranded(tx));
    await this.unitOfWork.service((tx) => this.secretRows.forgetExpired(tx));
    await this.unitOfWork.service((tx) => this.secrets.sealAgain(tx));
    return this.unitOfWork.service((tx) => this.messages.forget(tx, this.config.outgoing.logDays, PAGE));
  }
}
