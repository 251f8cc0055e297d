import type Stripe from 'stripe';
import { StripeSandboxError, type SandboxRequest, type SandboxRoute } from '../contract';
import { invalidRequest } from '../http/stripe-errors';
import { paginate } from '../http/paginate';
import type { Endpoint, Endpoints } from './endpoints';
import type { EventLog, EventQuery } from './event-log';

/** The API's routes that belong to the shell: events and webhook endpoints. */
export function webhookRoutes(events: EventLog, endpoints: Endpoints): SandboxRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/events',
      handle: ({ params }) => {
        if (params['type'] !== undefined && params['types'] !== undefined) {
          throw invalidRequest('You may only specify one of these parameters: type, types.', 'type');
        }
        return paginate(events.query(params as EventQuery), params, '/v1/events');
      },
    },
    { method: 'GET', path: '/v1/events/{id}', handle: (request) => found(events.get(id(request)), 'event', request) },
    ...endpointRoutes(endpoints),
  ];
}

function endpointRoutes(endpoints: Endpoints): SandboxRoute[] {
  const path = '/v1/webhook_endpoints';
  const find = (request: SandboxRequest): Endpoint => found(endpoints.get(id(request)), 'webhook endpoint', request);
  return [
    {
      method: 'GET',
      path,
      handle: ({ params }) => paginate(endpoints.list().map(renderEndpoint).reverse(), params, path),
    },
    {
      method: 'POST',
      path,
      handle: ({ params }) => {
        const input = params as unknown as Stripe.WebhookEndpointCreateParams;
        const endpoint = endpoints.add({
          url: checkedUrl(input.url),
          enabledEvents: input.enabled_events,
          apiVersion: input.api_version ?? null,
          ...(input.description ? { description: input.description } : {}),
          metadata: (params['metadata'] ?? {}) as Stripe.Metadata,
        });
        return { ...renderEndpoint(endpoint), secret: endpoint.secrets[0]?.value ?? '' };
      },
    },
    { method: 'GET', path: `${path}/{id}`, handle: (request) => renderEndpoint(find(request)) },
    {
      method: 'POST',
      path: `${path}/{id}`,
      handle: (request) => {
        const endpoint = find(request);
        const input = request.params as Stripe.WebhookEndpointUpdateParams;
        if (input.url !== undefined) endpoint.url = checkedUrl(input.url);
        if (input.enabled_events) endpoint.enabledEvents = input.enabled_events;
        if (input.disabled !== undefined) endpoint.status = input.disabled ? 'disabled' : 'enabled';
        if (input.description !== undefined) endpoint.description = input.description || null;
        if (input.metadata) endpoint.metadata = { ...endpoint.metadata, ...(input.metadata as Stripe.Metadata) };
        return renderEndpoint(endpoint);
      },
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      handle: (request) => {
        const endpoint = find(request);
        endpoints.remove(endpoint.id);
        return { id: endpoint.id, object: 'webhook_endpoint', deleted: true } satisfies Stripe.DeletedWebhookEndpoint;
      },
    },
  ];
}

export function renderEndpoint(endpoint: Endpoint): Stripe.WebhookEndpoint {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    api_version: endpoint.apiVersion,
    application: null,
    created: endpoint.created,
    description: endpoint.description,
    enabled_events: [...endpoint.enabledEvents],
    livemode: false,
    metadata: endpoint.metadata,
    status: endpoint.status,
    url: endpoint.url,
  };
}

function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw invalidRequest('Invalid URL: An explicit scheme must be provided.', 'url');
  return url;
}

function id(request: SandboxRequest): string {
  return request.ids['id'] ?? '';
}

function found<T>(object: T | undefined, noun: string, request: SandboxRequest): T {
  if (object !== undefined) return object;
  throw new StripeSandboxError(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${noun}: '${id(request)}'`,
    param: 'id',
  });
}
