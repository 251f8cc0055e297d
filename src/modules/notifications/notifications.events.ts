/** Domain events of this module; payloads hold ids only. */
export const NOTIFICATION_EVENTS = {
  /** {notificationId, kind}: something new stands in a customer's list. */
  created: 'notification.created',
} as const;
