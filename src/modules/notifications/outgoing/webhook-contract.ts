import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AnnouncedWebhooks } from '../../../platform/http';
import { MESSAGE_VERSION, messageBody } from './domain/message-body';
import { EVENT_TYPES, TEST_TYPE, type EventType } from './public-events';

const MESSAGE_ID = 'msg_01kb2x7p0e8v6q3yt1z5c9r4aw';
const OBJECT_ID = '01kb2x7nzq3yt1z5c9r4aw8v6e';
const CUSTOMER_ID = 'cust_01kb2x7m0e8v6q3yt1z5c9r4aw';
const OCCURRED_AT = new Date('2026-11-21T13:00:00Z');

const ID_PREFIX_OF: Readonly<Record<string, string>> = {
  ...{ subscription: 'sub', invoice: 'inv', refund: 'rfd', dispute: 'dsp', payment_method: 'pm' },
  ...{ dunning_case: 'case', webhook_endpoint: 'whe', payout: 'po', contribution: 'ctr' },
};

const HEADERS: Readonly<Record<string, [description: string, example: string]>> = {
  'webhook-id': ['The message; comes again with each try', MESSAGE_ID],
  'webhook-timestamp': ['Of this try, in seconds since 1970; refuse what is older than five minutes', '1795266000'],
  'webhook-signature': ['`v1,` and HMAC-SHA256 in base64, one for each secret, separated by spaces', 'v1,K5oZ…='],
};

/** Says in the contract what the customer's own backend is told: a webhook for each type, made of what is sent. */
@Injectable()
export class WebhookContract implements OnModuleInit {
  constructor(private readonly announced: AnnouncedWebhooks) {}

  onModuleInit(): void {
    for (const [type, told] of Object.entries(EVENT_TYPES)) this.announced.announce(type, webhookOf(type, told));
    const test: EventType = {
      description: 'An operator tries an endpoint: `POST /admin/webhook-endpoints/{id}/test`',
      ...{ about: ['webhook_endpoint'], figures: {} },
    };
    this.announced.announce(TEST_TYPE, webhookOf(TEST_TYPE, test));
  }
}

function webhookOf(type: string, told: EventType): object {
  const { description, figures, about = [type.split('.')[0] ?? ''] } = told;
  const [objectType = ''] = about;
  const event = {
    objectType,
    objectId: `${ID_PREFIX_OF[objectType] ?? objectType}_${OBJECT_ID}`,
    occurredAt: OCCURRED_AT,
  };
  const data = { customerId: type === TEST_TYPE ? null : CUSTOMER_ID, ...figures };
  return {
    post: {
      operationId: `webhook_${type.replaceAll(/[._](\w)/g, (_match, letter: string) => letter.toUpperCase())}`,
      summary: description,
      tags: ['Outgoing webhooks'],
      parameters: Object.entries(HEADERS).map(([name, [text, example]]) => ({
        ...{ name, in: 'header', required: true, description: text, schema: { type: 'string' }, example },
      })),
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: messageSchema(type, about, data),
            example: JSON.parse(messageBody(MESSAGE_ID, { type, ...event, data }, 1)) as unknown,
          },
        },
      },
      responses: {
        '2XX': { description: 'Taken; what the answer says besides is not read' },
        '410': { description: 'Never again: the endpoint is disabled' },
        default: { description: 'Tried again for three days, not sooner than Retry-After asks for' },
      },
    },
  };
}

/** Fields may be added to a message, so others are allowed. */
function messageSchema(type: string, about: readonly string[], figures: EventType['figures']): object {
  const data = Object.entries(figures).map(([name, example]) => [name, figureSchema(example)] as const);
  return {
    type: 'object',
    required: ['id', 'type', 'version', 'timestamp', 'objectType', 'objectId', 'sequence', 'data'],
    properties: {
      id: { type: 'string', description: 'The same as `webhook-id`' },
      type: { const: type },
      version: { const: MESSAGE_VERSION },
      timestamp: { type: 'string', format: 'date-time', description: 'When it happened' },
      objectType: { enum: about },
      objectId: { type: 'string' },
      sequence: { type: 'integer', minimum: 1, description: 'Ignore one that is lower than the last of this object' },
      data: {
        type: 'object',
        required: ['object', 'id', ...data.map(([name]) => name)],
        properties: {
          object: { enum: about },
          id: { type: 'string', description: 'The same as `objectId`' },
          ...Object.fromEntries(data),
        },
      },
    },
  };
}

/** What is not known is null. */
function figureSchema(example: unknown): object {
  const type = typeof example === 'number' ? 'integer' : example === null ? 'string' : typeof example;
  return { type: [type, 'null'] };
}
