import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { DeliveriesRepository, REDELIVERY_PAGE, type Delivery } from './deliveries.repository';
import { EndpointsRepository, type Endpoint } from './endpoints.repository';
import { MessagesRepository } from './messages.repository';
import { deliveryNotFound, endpointDisabled, endpointNotFound } from './outgoing.errors';
import { TEST_TYPE } from './public-events';

export interface Redelivered {
  queued: number;
  /** Where to go on; null: that was all. */
  nextSince: Date | null;
}

/** Messages that operators send: a test, and once more what was told or should have been. The `webhook-id` stays. */
@Injectable()
export class Redelivery {
  constructor(
    private readonly endpoints: EndpointsRepository,
    private readonly messages: MessagesRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** @throws WEBHOOK_ENDPOINT_NOT_FOUND, WEBHOOK_ENDPOINT_DISABLED. */
  async test(tx: Tx, endpointId: string, actor: Actor): Promise<Delivery> {
    await this.enabled(tx, endpointId);
    const object = { objectType: 'webhook_endpoint', objectId: endpointId };
    const last = await this.messages.lockSequence(tx, object);
    const event = { type: TEST_TYPE, ...object, data: { customerId: null }, occurredAt: this.clock.now() };
    const [message] = await this.messages.insert(tx, object, last, [{ eventId: null, event }]);
    if (!message) throw new Error('A message was not made');
    await this.deliveries.put(tx, [{ messageId: message.id, endpointId }]);
    await this.record(tx, 'webhook_endpoint.test', endpointId, actor, { messageId: message.id });
    return this.ofMessage(tx, endpointId, message.id);
  }

  /** One that waits is hurried, one that is under way is left alone. @throws WEBHOOK_DELIVERY_NOT_FOUND, WEBHOOK_ENDPOINT_DISABLED. */
  async one(tx: Tx, id: string, actor: Actor): Promise<Delivery> {
    const delivery = await this.deliveries.byId(tx, id);
    if (!delivery) throw deliveryNotFound(id);
    const { endpointId, messageId } = delivery;
    await this.enabled(tx, endpointId);
    if ((await this.deliveries.put(tx, [{ messageId, endpointId }])) === 0) await this.deliveries.hurry(tx, id);
    await this.record(tx, 'webhook_delivery.redeliver', endpointId, actor, { deliveryId: id });
    return this.ofMessage(tx, endpointId, messageId);
  }

  /** @throws WEBHOOK_ENDPOINT_NOT_FOUND, WEBHOOK_ENDPOINT_DISABLED. */
  async since(tx: Tx, endpointId: string, since: Date, delivered: boolean, actor: Actor): Promise<Redelivered> {
    const endpoint = await this.enabled(tx, endpointId);
    const missed = await this.deliveries.missed(tx, endpoint, since, delivered);
    const queued = await this.deliveries.put(
      tx,
      missed.map(({ messageId }) => ({ messageId, endpointId })),
    );
    await this.record(tx, 'webhook_endpoint.redeliver', endpointId, actor, { since, delivered, queued });
    return { queued, nextSince: missed.length < REDELIVERY_PAGE ? null : (missed.at(-1)?.createdAt ?? null) };
  }

  /** Locked first, as everywhere: see `EndpointsRepository`. */
  private async enabled(tx: Tx, id: string): Promise<Endpoint> {
    const endpoint = await this.endpoints.lock(tx, id);
    if (!endpoint) throw endpointNotFound(id);
    if (endpoint.status !== 'enabled') throw endpointDisabled(id);
    return endpoint;
  }

  private async ofMessage(tx: Tx, endpointId: string, messageId: string): Promise<Delivery> {
    const delivery = await this.deliveries.ofMessage(tx, endpointId, messageId);
    if (!delivery) throw new Error('A delivery was not made');
    return delivery;
  }

  private record(tx: Tx, action: string, endpointId: string, actor: Actor, after: object): Promise<void> {
    const object = { objectType: 'webhook_endpoint', objectId: endpointId, customerId: null };
    return this.audit.record(tx, { actor, action, ...object, after });
  }
}
