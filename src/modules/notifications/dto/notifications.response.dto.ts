import { ApiProperty } from '@nestjs/swagger';
import type { KeptMail } from '../channels/mail-outbox.repository';
import type { ListedNotification } from '../desk/inbox.repository';
import type { SettingsPicture } from '../desk/notification-desk.service';
import { CHANNELS, TOPIC_NAMES } from '../domain/topics';

export class NotificationResponse {
  @ApiProperty({ example: 'ntf_01jd…' })
  id!: string;

  @ApiProperty({ example: 'payment_failed', description: 'Key of its template' })
  kind!: string;

  @ApiProperty({ example: 'Payment of $29.00 failed' })
  title!: string;

  @ApiProperty({ example: 'You keep your access for 7 days, until January 22, 2026.' })
  body!: string;

  @ApiProperty({ type: String, nullable: true, example: 'inv_01jd…' })
  invoiceId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Where the invoice is paid, as long as it is open' })
  payUrl!: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readAt!: string | null;
}

export class NotificationList {
  @ApiProperty({ type: [NotificationResponse] })
  data!: NotificationResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class QuietHoursResponse {
  @ApiProperty({ example: '22:00' })
  from!: string;

  @ApiProperty({ example: '07:00' })
  to!: string;
}

export class TopicResponse {
  @ApiProperty({ enum: TOPIC_NAMES })
  topic!: string;

  @ApiProperty({ example: 'Changes of the subscription' })
  description!: string;

  @ApiProperty({ enum: CHANNELS })
  channel!: string;

  @ApiProperty()
  enabled!: boolean;

  @ApiProperty({ description: 'Cannot be turned off' })
  mandatory!: boolean;
}

export class BouncedResponse {
  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiProperty({ example: 'SMTP_550_5_1_1' })
  reason!: string;
}

export class PreferencesResponse {
  @ApiProperty({ type: String, nullable: true, example: 'de-AT' })
  locale!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Europe/Vienna' })
  timeZone!: string | null;

  @ApiProperty({ type: QuietHoursResponse, nullable: true })
  quietHours!: QuietHoursResponse | null;

  @ApiProperty({ type: [TopicResponse] })
  topics!: TopicResponse[];

  @ApiProperty({
    type: BouncedResponse,
    nullable: true,
    description: 'The address of the user refuses mail and gets none until it is another one',
  })
  bounced!: BouncedResponse | null;
}

export class DeviceResponse {
  @ApiProperty({ example: 'dvc_01jd…' })
  id!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class KeptMailResponse {
  @ApiProperty({ example: 'mob_01jd…' })
  id!: string;

  @ApiProperty({ example: 'ntf_01jd…' })
  notificationId!: string;

  @ApiProperty({ example: 'cust_01jd…' })
  customerId!: string;

  @ApiProperty({ example: 'ada@example.com' })
  recipient!: string;

  @ApiProperty({ example: 'Your payment of $29.00 did not go through' })
  subject!: string;

  @ApiProperty({ example: 'We could not collect $29.00 for Pro. …' })
  text!: string;

  @ApiProperty({ example: '<!doctype html>…' })
  html!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class KeptMailList {
  @ApiProperty({ type: [KeptMailResponse] })
  data!: KeptMailResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toNotification({ createdAt, readAt, ...rest }: ListedNotification): NotificationResponse {
  return { ...rest, createdAt: createdAt.toISOString(), readAt: readAt?.toISOString() ?? null };
}

export function toPreferences(settings: SettingsPicture): PreferencesResponse {
  const { locale, timeZone, quietFrom, quietTo, bouncedAt, bouncedReason, topics } = settings;
  const quietHours = quietFrom !== null && quietTo !== null ? { from: quietFrom, to: quietTo } : null;
  const bounced = bouncedAt && { at: bouncedAt.toISOString(), reason: bouncedReason ?? '' };
  return { locale, timeZone, quietHours, topics, bounced };
}

export function toKeptMail({ createdAt, ...mail }: KeptMail): KeptMailResponse {
  return { ...mail, createdAt: createdAt.toISOString() };
}
