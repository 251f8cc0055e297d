import { Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { Alerts } from '../../../platform/alerts';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork, type Tx } from '../../../platform/database';
import { Metrics } from '../../../platform/metrics';
import { jitter } from '../../../platform/queue';
import { DeliveriesRepository, type ClaimedDelivery, type Verdict } from './deliveries.repository';
import type { Outcome } from './domain/outcome';
import { hasFailedForTooLong, nextAttemptInMs } from './domain/retry-schedule';
import { EndpointSwitch } from './endpoint-switch.service';
import { EndpointsRepository, type DisabledReason } from './endpoints.repository';

export type TimedOutcome = Outcome & { durationMs: number };

/** Writes down how an attempt went, and what follows from it. */
@Injectable()
export class DeliverySettlement {
  private readonly attempts: Counter<'outcome'>;

  constructor(
    private readonly config: AppConfig,
    private readonly unitOfWork: UnitOfWork,
    private readonly endpoints: EndpointsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly switches: EndpointSwitch,
    private readonly alerts: Alerts,
    metrics: Metrics,
  ) {
    this.attempts = metrics.counter({
      name: 'kassa_outgoing_webhook_attempts_total',
      help: 'Attempts to deliver outgoing webhooks, by how they went',
      labelNames: ['outcome'],
    });
  }

  async settle(owner: string, delivery: ClaimedDelivery, outcome: TimedOutcome): Promise<void> {
    this.attempts.inc({ outcome: outcome.error ?? 'delivered' });
    await this.unitOfWork.service((tx) =>
      outcome.error === null ? this.delivered(tx, owner, delivery, outcome) : this.failed(tx, owner, delivery, outcome),
    );
  }

  private async delivered(
    tx: Tx,
    owner: string,
    { id, endpointId }: ClaimedDelivery,
    outcome: TimedOutcome,
  ): Promise<void> {
    await this.endpoints.succeeded(tx, endpointId);
    await this.deliveries.settle(tx, owner, id, { status: 'delivered' }, outcome);
  }

  private async failed(tx: Tx, owner: string, delivery: ClaimedDelivery, outcome: TimedOutcome): Promise<void> {
    const { id, endpointId } = delivery;
    if (outcome.error === 'secret') {
      await this.alertOnSecret(tx, endpointId);
      await this.deliveries.settle(tx, owner, id, verdictOf(delivery, outcome), outcome);
      return;
    }
    const failingForMs = await this.endpoints.failed(tx, endpointId, outcome.retryAfterMs);
    const isOurs = await this.deliveries.settle(tx, owner, id, verdictOf(delivery, outcome), outcome);
    const reason = isOurs ? this.reasonToDisable(outcome, failingForMs ?? 0) : null;
    if (reason !== null) await this.switches.disable(tx, endpointId, reason);
  }

  private reasonToDisable({ error }: Outcome, failingForMs: number): DisabledReason | null {
    if (error === 'gone') return 'gone';
    return hasFailedForTooLong(failingForMs, this.config.outgoing.disableAfterDays) ? 'failing' : null;
  }

  /** No fault of the endpoint: a key was taken out of ENCRYPTION_KEYS too early. */
  private alertOnSecret(tx: Tx, endpointId: string): Promise<void> {
    return this.alerts.raise(tx, {
      kind: 'webhook_endpoint.secret',
      severity: 'critical',
      causeKey: `webhook_endpoint.secret:${endpointId}`,
      message: 'The secret of a webhook endpoint cannot be read: bring its key back, or rotate it',
      details: { endpointId },
    });
  }
}

function verdictOf({ failures, elapsedMs }: ClaimedDelivery, outcome: TimedOutcome): Verdict {
  const { error, durationMs, retryAfterMs } = outcome;
  if (error === 'gone') return { status: 'failed' };
  const so = { failures: failures + 1, elapsedMs: elapsedMs + durationMs, random: jitter(), retryAfterMs };
  const inMs = nextAttemptInMs(so);
  return inMs === null ? { status: 'failed' } : { status: 'pending', inMs };
}
