import { AT, unique, type RowContext, type RowValues } from './row-values';

/** Rows of what people are told. */
export const NOTIFICATION_ROWS: Readonly<Record<string, (context: RowContext) => RowValues>> = {
  notification_settings: ({ customerId }) => ({
    customer_id: customerId,
    locale: 'de-AT',
    time_zone: 'Europe/Vienna',
    quiet_from: '22:00',
    quiet_to: '07:00',
    updated_at: AT,
  }),
  notification_preferences: ({ customerId }) => ({
    customer_id: customerId,
    topic: 'payments',
    channel: 'push',
    enabled: false,
    updated_at: AT,
  }),
  notification_devices: ({ customerId }) => ({
    id: unique('dvc'),
    customer_id: customerId,
    token: `ExponentPushToken[${unique('t')}]`,
    created_at: AT,
    updated_at: AT,
  }),
  notifications: ({ customerId }) => ({
    id: unique('ntf'),
    customer_id: customerId,
    template: 'refund_sent',
    cause_key: unique('cause'),
    channel: 'in_app',
    figures: '{}',
    occurred_at: AT,
    created_at: AT,
    status: 'pending',
    next_try_at: AT,
  }),
  /** Needs the notification and the device it names. */
  notification_pushes: () => ({
    notification_id: unique('ntf'),
    device_id: unique('dvc'),
    ticket_id: unique('ticket'),
    status: 'sent',
    sent_at: AT,
  }),
  /** Needs the notification it names. */
  mail_outbox: ({ customerId }) => ({
    id: unique('mob'),
    notification_id: unique('ntf'),
    customer_id: customerId,
    recipient: 'a@test.example',
    subject: 'x',
    text: 'x',
    html: 'x',
    created_at: AT,
  }),
};

export const BAD_NOTIFICATION_ROWS: Readonly<Record<string, [string, RowValues]>> = {
  notification_settings_locale: ['notification_settings', { locale: 'de_AT' }],
  notification_settings_zone: ['notification_settings', { time_zone: "Europe/Vienna'; --" }],
  notification_settings_quiet: ['notification_settings', { quiet_to: '24:00' }],
  notification_settings_bounced: ['notification_settings', { bounced_at: 'now' }],
  notification_preferences_channel: ['notification_preferences', { channel: 'pigeon' }],
  notification_preferences_topic: ['notification_preferences', { topic: 'No Topic' }],
  notification_devices_token: ['notification_devices', { token: '' }],
  notification_devices_disabled: ['notification_devices', { disabled_at: 'now' }],
  notifications_channel: ['notifications', { channel: 'pigeon' }],
  notifications_status: ['notifications', { status: 'lost', settled_at: 'now' }],
  notifications_settled: ['notifications', { status: 'sent' }],
  notifications_lease: ['notifications', { lease_owner: 'me' }],
  notifications_attempts: ['notifications', { attempts: -1 }],
  notifications_figures: ['notifications', { figures: '[]' }],
  notifications_words: ['notifications', { channel: 'email', title: 'x', body: 'x' }],
  notifications_read: ['notifications', { channel: 'push', read_at: 'now' }],
  notification_pushes_status: ['notification_pushes', { status: 'lost', settled_at: 'now' }],
  notification_pushes_settled: ['notification_pushes', { status: 'delivered' }],
  notification_pushes_ticket: ['notification_pushes', { ticket_id: null }],
};
