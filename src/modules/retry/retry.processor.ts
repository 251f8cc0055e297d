import { Process, Processor, QUEUES } from '../../platform/queue';
import { DunningWorker } from './dunning-worker.service';
import { RecoveryChargeFlow } from './recovery-charge.flow';

/** A job names the row, and the row says whether anything is to be charged. */
@Processor(QUEUES.paymentRetry)
export class PaymentRetryProcessor {
  constructor(
    private readonly charges: RecoveryChargeFlow,
    private readonly worker: DunningWorker,
  ) {}

  @Process({ concurrency: 4 })
  async charge({ data }: { data: { id?: string } }): Promise<void> {
    // A wake-up names none: it says "look".
    await (data.id === undefined ? this.worker.chargeDue() : this.charges.run(data.id));
  }
}
