/** Every Bull queue. A job says only "look": PostgreSQL holds the work. */
export const QUEUES = { webhooks: 'webhooks', outbox: 'outbox' } as const;
export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];
