import { ApiProperty } from '@nestjs/swagger';

export class LivenessResponse {
  @ApiProperty({ enum: ['ok'] })
  status!: 'ok';
}

export class ReadinessResponse {
  @ApiProperty({ enum: ['ok', 'degraded'], description: 'degraded: something is down without which the work goes on' })
  status!: 'ok' | 'degraded';

  @ApiProperty({ type: 'object', additionalProperties: true, example: { database: { status: 'up' } } })
  details!: object;
}
