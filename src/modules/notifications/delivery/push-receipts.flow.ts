import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { UnitOfWork } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { PushTransport } from '../channels/push.port';
import { PushesRepository } from './pushes.repository';

const SWEEP_MS = 60_000;
/** docs.expo.dev/push-notifications/sending-notifications: receipts are there after 15 minutes, and for a day. */
const AFTER_MS = 15 * 60_000;
const KEPT_MS = 24 * 3_600_000;
/** As many as Expo answers at once. */
const PAGE = 300;

/** Asks what became of push messages on their way to the devices. Asking twice does no harm. */
@Injectable()
export class PushReceiptsFlow implements OnModuleInit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly pushes: PushesRepository,
    private readonly push: PushTransport,
    private readonly clock: Clock,
    private readonly sweepers: Sweepers,
  ) {}

  onModuleInit(): void {
    if (!this.push.isOn) return;
    this.sweepers.register({ name: 'push-receipts', everyMs: SWEEP_MS, run: () => this.sweep() });
  }

  /** @returns how many were settled. */
  async sweep(): Promise<number> {
    const now = this.clock.now().getTime();
    const open = await this.unitOfWork.service(async (tx) => {
      await this.pushes.giveUp(tx, new Date(now - KEPT_MS));
      return this.pushes.open(tx, new Date(now - AFTER_MS), PAGE);
    });
    if (open.length === 0) return 0;
    const receipts = await this.push.receipts(open.map(({ ticketId }) => ticketId));
    const gone = open.flatMap(({ ticketId, deviceId }) => (receipts.get(ticketId)?.gone ? [deviceId] : []));
    const codes = new Map([...receipts].map(([ticketId, failure]) => [ticketId, failure?.code ?? null]));
    await this.unitOfWork.service(async (tx) => {
      await this.pushes.settle(tx, codes);
      await this.pushes.disable(tx, gone, 'DeviceNotRegistered');
    });
    return codes.size;
  }
}
