import { randomUUID } from 'node:crypto';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import { Clock } from '../../../shared/clock';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { Sweepers } from '../../../platform/queue';
import { DeliveriesRepository, type ClaimedDelivery } from './deliveries.repository';
import { DeliverySettlement, type TimedOutcome } from './delivery-settlement.service';
import { EndpointSecrets, signedHeaders } from './endpoint-secrets.service';
import { WebhookTransport } from './webhook-transport';

/** Requests under way at once in this process; each is little more than a socket. */
const PLACES = 64;
/** Of them to one endpoint, over all processes. */
const PER_ENDPOINT = 4;
/** A lease outlives its request by so much: then its process is dead, or cannot reach PostgreSQL. */
const LEASE_MARGIN_MS = 20_000;
const SWEEP_MS = 5_000;

/**
 * Sends what is due: claims under a lease, posts outside of any transaction, writes down how it went. Whoever dies between
 * leaves a lease that runs out, and the message is sent again under the same id: at least once.
 */
@Injectable()
export class OutgoingDelivery
  implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger(OutgoingDelivery.name);
  private readonly lane = bulkhead(1, Infinity);
  private readonly underWay = new Set<Promise<void>>();
  /** A look that has been asked for and has not begun: whoever asks meanwhile means the same. */
  private waiting: Promise<number> | undefined;
  private stopping = false;

  constructor(
    private readonly config: AppConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly deliveries: DeliveriesRepository,
    private readonly secrets: EndpointSecrets,
    private readonly transport: WebhookTransport,
    private readonly settlement: DeliverySettlement,
    private readonly sweepers: Sweepers,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.sweepers.register({ name: 'outgoing-webhooks', everyMs: SWEEP_MS, run: () => this.look() });
  }

  onModuleDestroy(): void {
    this.stopping = true;
  }

  /** While there is still a database to write down how they went; each ends within the time limit. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.underWay);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.transport.close();
  }

  /** Takes up what is due, as far as there are places; does not wait for the answers. @returns how many deliveries it took up. */
  look(): Promise<number> {
    // Not at once: a free lane would begin before there is anything to forget.
    this.waiting ??= Promise.resolve().then(() =>
      this.lane.execute(() => {
        this.waiting = undefined;
        return this.fill();
      }),
    );
    return this.waiting;
  }

  /** Until nothing is due and everything is answered. For tools and tests; workers look. @returns as `look`. */
  async drain(): Promise<number> {
    let taken = 0;
    for (;;) {
      const some = await this.look();
      await Promise.all(this.underWay);
      taken += some;
      if (some === 0 && this.underWay.size === 0) return taken;
    }
  }

  private async fill(): Promise<number> {
    let taken = 0;
    while (!this.stopping && this.underWay.size < PLACES) {
      // A name for each time: what one has lost to another must not be settled by the first.
      const owner = `outgoing-${randomUUID()}`;
      const leaseMs = this.config.outgoing.timeoutMs + LEASE_MARGIN_MS;
      const places = { owner, leaseMs, perEndpoint: PER_ENDPOINT, limit: PLACES - this.underWay.size };
      const { batch, secrets } = await this.unitOfWork.service(async (tx) => {
        const claimed = await this.deliveries.claim(tx, places);
        const endpointIds = [...new Set(claimed.map(({ endpointId }) => endpointId))];
        return { batch: claimed, secrets: await this.secrets.open(tx, endpointIds) };
      });
      for (const delivery of batch) this.begin(owner, delivery, secrets.get(delivery.endpointId) ?? []);
      taken += batch.length;
      if (batch.length === 0) break;
    }
    return taken;
  }

  private begin(owner: string, delivery: ClaimedDelivery, secrets: readonly string[]): void {
    const work = this.attempt(delivery, secrets)
      .then((outcome) => this.settlement.settle(owner, delivery, outcome))
      .catch((error: unknown) => {
        this.logger.warn(`How ${delivery.id} went was not written, its lease will run out: ${String(error)}`);
      })
      .finally(() => {
        this.underWay.delete(work);
        if (!this.stopping) this.lookAgain();
      });
    this.underWay.add(work);
  }

  /** Its endpoint has a place again. */
  private lookAgain(): void {
    this.look().catch((error: unknown) => {
      this.logger.warn(`The sweeper will look again: ${String(error)}`);
    });
  }

  private async attempt({ messageId, url, body }: ClaimedDelivery, secrets: readonly string[]): Promise<TimedOutcome> {
    const begun = performance.now();
    if (secrets.length === 0) {
      const nothing = { statusCode: null, response: null, retryAfterMs: 0, durationMs: 0 };
      return { ...nothing, error: 'secret', detail: 'no key opens the secret of this endpoint' };
    }
    const signed = signedHeaders({ id: messageId, at: this.clock.wall(), body }, secrets);
    const headers = { 'content-type': 'application/json', 'user-agent': 'Kassa-Webhooks/1', ...signed };
    const outcome = await this.transport.post({ url, headers, body });
    return { ...outcome, durationMs: Math.round(performance.now() - begun) };
  }
}
