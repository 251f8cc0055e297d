import { ApiProperty } from '@nestjs/swagger';
import type { Alert } from '../../../platform/alerts';

export class AlertResponse {
  @ApiProperty({ example: 'alr_01jd…' })
  id!: string;

  @ApiProperty({ example: 'inbox.wrong_livemode' })
  kind!: string;

  @ApiProperty({ enum: ['info', 'warning', 'critical'] })
  severity!: string;

  @ApiProperty({ example: 'An invoice shows another amount than its payment' })
  message!: string;

  @ApiProperty({ type: 'object', additionalProperties: true })
  details!: Record<string, unknown>;

  @ApiProperty({ description: 'How often the cause was met', example: 1 })
  count!: number;

  @ApiProperty({ format: 'date-time' })
  firstAt!: string;

  @ApiProperty({ format: 'date-time' })
  lastAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  resolvedAt!: string | null;
}

export class AlertList {
  @ApiProperty({ type: [AlertResponse] })
  data!: AlertResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toAlertResponse(alert: Alert): AlertResponse {
  const { id, kind, severity, message, details, count } = alert;
  return {
    id,
    kind,
    severity,
    message,
    details,
    count,
    firstAt: alert.firstAt.toISOString(),
    lastAt: alert.lastAt.toISOString(),
    resolvedAt: alert.resolvedAt?.toISOString() ?? null,
  };
}
