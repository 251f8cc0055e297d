import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { WiseGateway } from '../../../providers/wise';
import { BeneficiariesRepository } from './beneficiaries.repository';
import { BeneficiaryVault } from './beneficiary-vault.service';

const SWEEP_MS = 60_000;
const RESEAL_PAGE = 100;
const LEAVING_PAGE = 20;
/** Longer than any one call to the provider may take, and a fair wait after one that failed. */
const LEASE_MS = 300_000;

/** Tells the provider whom it is to pay no more, and seals names and accounts under the newest key. */
@Injectable()
export class BeneficiaryUpkeep implements OnModuleInit {
  private readonly logger = new Logger(BeneficiaryUpkeep.name);

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sweepers: Sweepers,
    private readonly wise: WiseGateway,
    private readonly vault: BeneficiaryVault,
    private readonly rows: BeneficiariesRepository,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'beneficiaries', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** One bounded pass; what is left over is the next one's. */
  async sweep(): Promise<void> {
    await this.unitOfWork.service((tx) => this.sealAgain(tx));
    if (this.wise.isOn) await this.endLeaving();
  }

  private async endLeaving(): Promise<void> {
    const leaving = await this.unitOfWork.service((tx) => this.rows.takeLeaving(tx, LEAVING_PAGE, LEASE_MS));
    for (const { id, recipientRef } of leaving) {
      try {
        await this.wise.deactivateRecipient(recipientRef);
        await this.unitOfWork.service((tx) => this.rows.deactivated(tx, id));
      } catch (error) {
        this.logger.warn(`The provider may still pay beneficiary ${id}; it will be told again: ${String(error)}`);
      }
    }
  }

  /** Under the newest key, so that an older one can be taken out of the settings. The account's hash goes with it. */
  private async sealAgain(tx: Tx): Promise<void> {
    const prefix = this.vault.newestPrefix;
    if (prefix === null) return;
    const old = await this.rows.sealedOtherwise(tx, prefix, RESEAL_PAGE);
    const again = old.flatMap(({ id, currency, type, sealed }) => {
      const opened = this.vault.open(id, sealed);
      if (opened === null) return [];
      const { newest } = this.vault.fingerprint({ currency, type, ...opened });
      return [{ id, sealed: this.vault.seal(id, opened), fingerprint: newest }];
    });
    if (again.length > 0) await this.rows.sealAgain(tx, again);
  }
}
