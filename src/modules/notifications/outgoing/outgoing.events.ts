/** Domain events of outgoing webhooks. */
export const OUTGOING_EVENTS = {
  /** {endpointId, reason}: it is told of nothing any more, until an operator enables it again. */
  endpointDisabled: 'webhook_endpoint.disabled',
} as const;
