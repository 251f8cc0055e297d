import { Injectable } from '@nestjs/common';
import { AuditLog, type Actor } from '../../../platform/audit';
import { AppConfig } from '../../../platform/config';
import type { Tx } from '../../../platform/database';
import { invalidInput } from '../../../platform/http';
import { endpointUrlProblem } from './domain/endpoint-url';
import { DeliveriesRepository } from './deliveries.repository';
import { EndpointSecrets } from './endpoint-secrets.service';
import { EndpointsRepository, type Endpoint, type EndpointTerms } from './endpoints.repository';
import { endpointNotFound, tooManyEndpoints } from './outgoing.errors';
import { ALL_TYPES, EVENT_TYPES } from './public-events';
import { urlPolicyOf } from './url-policy';

/** Each event is written once for each of them. */
export const MOST_ENDPOINTS = 50;
/** As long as it may take to bring the new secret to all of one's servers. */
const FORMER_SIGNS_FOR_MS = 86_400_000;

export type WithSecret = Endpoint & { secret: string };

/** What operators do with endpoints; all of it audited, never with a secret or an address's query in it. */
@Injectable()
export class EndpointDesk {
  constructor(
    private readonly config: AppConfig,
    private readonly endpoints: EndpointsRepository,
    private readonly deliveries: DeliveriesRepository,
    private readonly secrets: EndpointSecrets,
    private readonly audit: AuditLog,
  ) {}

  /** @throws INVALID_INPUT, TOO_MANY_WEBHOOK_ENDPOINTS, ENCRYPTION_NOT_CONFIGURED. */
  async create(tx: Tx, terms: EndpointTerms, actor: Actor): Promise<WithSecret> {
    this.check(terms);
    if ((await this.endpoints.count(tx)) >= MOST_ENDPOINTS) throw tooManyEndpoints(MOST_ENDPOINTS);
    const endpoint = await this.endpoints.insert(tx, withoutRepeats(terms));
    const secret = await this.secrets.renew(tx, endpoint.id, 0);
    await this.record(tx, 'create', endpoint.id, actor, { after: picture(endpoint) });
    return { ...endpoint, secret };
  }

  /** @throws WEBHOOK_ENDPOINT_NOT_FOUND, INVALID_INPUT. */
  async change(tx: Tx, id: string, changes: Partial<EndpointTerms>, actor: Actor): Promise<Endpoint> {
    const before = await this.locked(tx, id);
    const terms = {
      url: changes.url ?? before.url,
      description: changes.description ?? before.description,
      eventTypes: changes.eventTypes ?? before.eventTypes,
    };
    this.check(terms);
    const endpoint = await this.endpoints.change(tx, id, withoutRepeats(terms));
    if (!endpoint) throw endpointNotFound(id);
    await this.record(tx, 'change', id, actor, { before: picture(before), after: picture(endpoint) });
    return endpoint;
  }

  /** @throws WEBHOOK_ENDPOINT_NOT_FOUND. */
  async remove(tx: Tx, id: string, actor: Actor): Promise<void> {
    const before = await this.locked(tx, id);
    await this.endpoints.remove(tx, id);
    await this.deliveries.cancelStranded(tx);
    await this.record(tx, 'delete', id, actor, { before: picture(before) });
  }

  /** The former secret signs along for a day. @throws WEBHOOK_ENDPOINT_NOT_FOUND, ENCRYPTION_NOT_CONFIGURED. */
  async rotateSecret(tx: Tx, id: string, actor: Actor): Promise<WithSecret> {
    const endpoint = await this.locked(tx, id);
    const secret = await this.secrets.renew(tx, id, FORMER_SIGNS_FOR_MS);
    await this.record(tx, 'rotate_secret', id, actor, {});
    return { ...endpoint, secret };
  }

  private async locked(tx: Tx, id: string): Promise<Endpoint> {
    const endpoint = await this.endpoints.lock(tx, id);
    if (!endpoint) throw endpointNotFound(id);
    return endpoint;
  }

  private check({ url, eventTypes }: EndpointTerms): void {
    const problem = endpointUrlProblem(url, urlPolicyOf(this.config));
    if (problem !== null) throw invalidInput([{ field: 'url', message: `url ${problem}` }]);
    const unknown = eventTypes.find((type) => type !== ALL_TYPES && !Object.hasOwn(EVENT_TYPES, type));
    if (unknown !== undefined) {
      throw invalidInput([
        { field: 'eventTypes', message: 'eventTypes must be types of GET /admin/webhook-event-types or *' },
      ]);
    }
  }

  private record(
    tx: Tx,
    verb: string,
    objectId: string,
    actor: Actor,
    pictures: { before?: object; after?: object },
  ): Promise<void> {
    const object = { objectType: 'webhook_endpoint', objectId, customerId: null };
    return this.audit.record(tx, { actor, action: `webhook_endpoint.${verb}`, ...object, ...pictures });
  }
}

/** `*` says it all. */
function withoutRepeats({ eventTypes, ...terms }: EndpointTerms): EndpointTerms {
  const types = eventTypes.includes(ALL_TYPES) ? [ALL_TYPES] : [...new Set(eventTypes)].sort();
  return { ...terms, eventTypes: types };
}

/** Without path and query: people put tokens there. */
function picture({ url, eventTypes, status }: Endpoint): object {
  return { origin: new URL(url).origin, eventTypes, status };
}
