import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { Alerts } from '../../../platform/alerts';
import { AuditLog, SYSTEM, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { Outbox } from '../../../platform/outbox';
import { DeliveriesRepository } from './deliveries.repository';
import { EndpointsRepository, type DisabledReason, type Endpoint } from './endpoints.repository';
import { OUTGOING_EVENTS } from './outgoing.events';

const WHY: Readonly<Record<Exclude<DisabledReason, 'operator'>, string>> = {
  gone: 'it answered 410 Gone',
  failing: 'it has not taken a message for days',
};

/** Turns endpoints on and off, by an operator or by ourselves. */
@Injectable()
export class EndpointSwitch {
  constructor(
    private readonly endpoints: EndpointsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly audit: AuditLog,
    private readonly alerts: Alerts,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** What it missed is sent when an operator asks for it. @returns null where it was not disabled. */
  async enable(tx: Tx, id: string, actor: Actor): Promise<Endpoint | null> {
    const enabled = await this.endpoints.enable(tx, id);
    if (enabled) await this.record(tx, 'webhook_endpoint.enable', enabled, actor);
    return enabled;
  }

  /** What waits for it is canceled. @returns null where it was not enabled. */
  async disable(tx: Tx, id: string, reason: DisabledReason, actor: Actor = SYSTEM): Promise<Endpoint | null> {
    const disabled = await this.endpoints.disable(tx, id, reason);
    if (!disabled) return null;
    await this.deliveries.cancelStranded(tx);
    await this.record(tx, 'webhook_endpoint.disable', disabled, actor);
    if (reason !== 'operator') await this.alertOn(tx, disabled, reason);
    await this.outbox.append(tx, [
      {
        type: OUTGOING_EVENTS.endpointDisabled,
        objectType: 'webhook_endpoint',
        objectId: id,
        customerId: null,
        payload: { endpointId: id, reason },
        occurredAt: this.clock.now(),
      },
    ]);
    return disabled;
  }

  private alertOn(tx: Tx, { id, url }: Endpoint, reason: keyof typeof WHY): Promise<void> {
    return this.alerts.raise(tx, {
      kind: 'webhook_endpoint.disabled',
      severity: 'warning',
      causeKey: `webhook_endpoint.disabled:${id}`,
      message: `The endpoint at ${new URL(url).host} is told of nothing any more: ${WHY[reason]}`,
      details: { endpointId: id, reason },
    });
  }

  private record(tx: Tx, action: string, { id, status, disabledReason }: Endpoint, actor: Actor): Promise<void> {
    const object = { objectType: 'webhook_endpoint', objectId: id, customerId: null };
    return this.audit.record(tx, { actor, action, ...object, after: { status, reason: disabledReason } });
  }
}
