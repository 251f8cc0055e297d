/** Every Bull queue. A job says only "look": PostgreSQL holds the work. */
export const QUEUES = {
  webhooks: 'webhooks',
  outbox: 'outbox',
  notifications: 'notifications',
  outgoingWebhooks: 'outgoing-webhooks',
  paymentRetry: 'payment-retry',
} as const;
export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];
/** Token of all of Bull's queues at once, in the order of the names. */
export const ALL_QUEUES = Symbol('ALL_QUEUES');
