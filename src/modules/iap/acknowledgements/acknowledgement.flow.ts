import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { GoogleClient, productIdOf } from '../../../providers/google';
import { isAppError } from '../../../shared/app-error';
import { AcknowledgementsRepository, type Telling } from './acknowledgements.repository';

const EVERY_MS = 5_000;
const BATCH = 20;

/**
 * Tells Google what is granted, after the grant has committed: its row was written with it. Told twice is told once, so what a
 * crash has left open is simply told again.
 */
@Injectable()
export class AcknowledgementFlow implements OnModuleInit {
  private readonly logger = new Logger(AcknowledgementFlow.name);

  constructor(
    private readonly config: AppConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly acknowledgements: AcknowledgementsRepository,
    private readonly google: GoogleClient,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    if (!this.config.google) return;
    this.sweepers.register({ name: 'google-acknowledgements', everyMs: EVERY_MS, run: () => this.run() });
  }

  /** One bounded pass; many at once share the work. @returns how many it tried. */
  async run(): Promise<number> {
    const due = await this.unitOfWork.service((tx) => this.acknowledgements.take(tx, BATCH));
    await Promise.all(due.map((one) => this.tell(one)));
    return due.length;
  }

  private async tell({ token, kind, productRef, consumed }: Telling): Promise<void> {
    const productId = productIdOf(productRef);
    try {
      if (consumed) await this.google.consume(productId, token);
      else await this.google.acknowledge(kind, productId, token);
      await this.unitOfWork.service((tx) => this.acknowledgements.settle(tx, [token], 'done'));
    } catch (error) {
      const code = isAppError(error) ? error.code : 'UNEXPECTED';
      // Google has it no more: it was given back, and its notification tells us.
      const gone = isAppError(error) && error.kind === 'not_found';
      if (!gone) this.logger.warn({ err: error }, `A purchase is not acknowledged yet: ${code}`);
      await this.unitOfWork.service((tx) =>
        gone ? this.acknowledgements.settle(tx, [token], 'lost') : this.acknowledgements.retryLater(tx, token, code),
      );
    }
  }
}
