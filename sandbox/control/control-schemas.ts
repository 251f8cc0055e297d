/** JSON Schemas of the control API's bodies; Fastify checks them. */
export const object = (properties: object, required: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
/** A body that may be left out. */
export const optional = (schema: object): object => ({ anyOf: [schema, { type: 'null' }] });
export const text = { type: 'string', minLength: 1 };
export const count = (minimum: number, maximum: number): object => ({ type: 'integer', minimum, maximum });
const url = { type: 'string', pattern: '^https?://' };

const share = { rate: { type: 'number', minimum: 0, maximum: 1 }, times: count(1, 1_000_000) };

export const clockSchema = {
  oneOf: [
    object({ to: count(0, 4_102_444_800) }, ['to']),
    object({ advanceSeconds: count(0, 3_155_760_000) }, ['advanceSeconds']),
  ],
};

export const chaosSchema = object({
  down: { type: 'boolean' },
  api: {
    type: 'array',
    items: object(
      {
        fault: { enum: ['error_429', 'error_500', 'error_500_after', 'lose_answer', 'latency', 'late_answer'] },
        method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] },
        pathPrefix: { type: 'string', pattern: '^/' },
        latencyMs: count(0, 600_000),
        retryAfterSeconds: count(0, 3600),
        ...share,
      },
      ['fault'],
    ),
  },
  webhooks: {
    type: 'array',
    items: object(
      {
        fault: { enum: ['duplicate', 'reorder', 'delay', 'drop', 'old_api_version'] },
        types: { type: 'array', items: text },
        copies: count(1, 100),
        delayMs: count(0, 600_000),
        ...share,
      },
      ['fault'],
    ),
  },
});

export const flushSchema = optional(object({ hurry: { type: 'boolean' }, timeoutMs: count(0, 600_000) }));
export const redeliverSchema = optional(object({ times: count(1, 1000) }));
export const rotateSchema = optional(object({ overlapSeconds: count(0, 604_800), secret: text }));
export const endpointSchema = object(
  { url, secret: text, enabledEvents: { type: 'array', minItems: 1, items: text }, apiVersion: text },
  ['url'],
);
export const cardSchema = {
  oneOf: [
    object({ paymentMethod: text, behavior: text }, ['paymentMethod', 'behavior']),
    object({ customer: text, behavior: text }, ['customer', 'behavior']),
  ],
};
export const authenticateSchema = object({ intent: text, granted: { type: 'boolean' } }, ['intent', 'granted']);
export const settingsSchema = object({
  afterRetries: { enum: ['cancel', 'unpaid', 'past_due'] },
  retryDays: { type: 'array', maxItems: 20, items: count(1, 60) },
  debitDays: count(0, 60),
  portalProration: { enum: ['always_invoice', 'create_prorations', 'none'] },
  feeBasisPoints: count(0, 10_000),
  feeFixed: count(0, 1_000_000),
  disputeFee: count(0, 1_000_000),
  refundFee: count(0, 1_000_000),
  availableAfterDays: count(0, 90),
  captureDelaySeconds: { anyOf: [count(0, 31_536_000), { type: 'null' }] },
  settlement: {
    anyOf: [
      object(
        { currency: { type: 'string', pattern: '^[a-z]{3}$' }, rate: { type: 'number', minimum: 1e-6, maximum: 1e6 } },
        ['currency', 'rate'],
      ),
      { type: 'null' },
    ],
  },
  refunds: {
    enum: [
      'succeeds',
      'pending',
      'pending_then_succeeds',
      'pending_then_fails',
      'succeeds_then_fails',
      'requires_action',
    ],
  },
  payouts: { enum: ['daily', 'manual'] },
});
