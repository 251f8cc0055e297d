import type Stripe from 'stripe';
import type { Delivery, Outgoing } from '../../webhooks/deliverer';
import { stripeSchema } from '../schema/derived-schema';
import { activeSecrets, type Endpoint, type Endpoints } from './endpoints';
import type { EventLog } from './event-log';
import { renderInOldVersion } from './old-version';
import { signatureHeader } from './signature';

/** Stripe's events on the wire: counted, rendered in the endpoint's API version and signed with its secrets. */
export class StripeOutgoing implements Outgoing<Stripe.EventBase> {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly events: () => EventLog,
  ) {}

  listening(type: string): Endpoint[] {
    return this.endpoints.listening(type);
  }

  receiver(id: string): Endpoint | undefined {
    return this.endpoints.get(id);
  }

  find(eventId: string): Stripe.EventBase | undefined {
    return this.events().get(eventId);
  }

  isOld({ id }: { id: string }, asked: boolean): boolean {
    const version = this.endpoints.get(id)?.apiVersion ?? null;
    return asked || (version !== null && version !== stripeSchema.apiVersion);
  }

  opened(event: Stripe.EventBase): void {
    event.pending_webhooks += 1;
  }

  arrived(event: Stripe.EventBase): void {
    event.pending_webhooks = Math.max(0, event.pending_webhooks - 1);
  }

  message(
    event: Stripe.EventBase,
    { endpointId, oldApiVersion }: Delivery,
    at: number,
  ): { headers: Record<string, string>; body: string } {
    const body = JSON.stringify(oldApiVersion ? renderInOldVersion(event) : event, null, 2);
    const endpoint = this.endpoints.get(endpointId);
    const secrets = endpoint ? activeSecrets(endpoint, at) : [];
    return {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signatureHeader(body, secrets, Math.floor(at / 1000)),
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      },
      body,
    };
  }
}
