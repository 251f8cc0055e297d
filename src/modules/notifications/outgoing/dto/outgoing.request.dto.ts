import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsInstant, PageQuery } from '../../../../platform/http';
import { DELIVERY_STATUSES, type DeliveryStatus } from '../deliveries.repository';
import { LONGEST_URL } from '../domain/endpoint-url';

const MOST_TYPES = 100;
const LONGEST_NAME = 100;
const WHICH = ['missed', 'all'] as const;

export class CreateEndpointBody {
  @ApiProperty({
    maxLength: LONGEST_URL,
    example: 'https://api.example.com/webhooks/kassa',
    description: 'https in production; an address on the internet, unless WEBHOOK_ALLOW_PRIVATE names its network',
  })
  @IsString()
  @MaxLength(LONGEST_URL)
  url!: string;

  @ApiPropertyOptional({ type: String, maxLength: 200, default: '', example: 'Access of the learning platform' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  description = '';

  @ApiProperty({
    type: [String],
    example: ['subscription.updated', 'invoice.paid'],
    description: 'Types of `GET /admin/webhook-event-types`, or `*` for all there are and will be',
  })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MOST_TYPES)
  @IsString({ each: true })
  @MaxLength(LONGEST_NAME, { each: true })
  eventTypes!: string[];
}

export class ChangeEndpointBody {
  @ApiPropertyOptional({ maxLength: LONGEST_URL, example: 'https://api.example.com/webhooks/kassa' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_URL)
  url?: string;

  @ApiPropertyOptional({ maxLength: 200, example: 'Access of the learning platform' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  description?: string;

  @ApiPropertyOptional({ type: [String], example: ['*'] })
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(MOST_TYPES)
  @IsString({ each: true })
  @MaxLength(LONGEST_NAME, { each: true })
  eventTypes?: string[];
}

export class RedeliverBody {
  @ApiProperty({
    type: String,
    format: 'date-time',
    example: '2026-11-20T00:00:00.000Z',
    description: 'Messages made from then on',
  })
  @IsInstant()
  since!: Date;

  @ApiPropertyOptional({
    enum: WHICH,
    default: 'missed',
    description:
      '`missed`: what was not delivered, or not even tried while the endpoint was disabled; `all`: everything',
  })
  @IsOptional()
  @IsIn(WHICH)
  which: (typeof WHICH)[number] = 'missed';
}

export class DeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: DELIVERY_STATUSES })
  @IsOptional()
  @IsIn(DELIVERY_STATUSES)
  status?: DeliveryStatus;

  @ApiPropertyOptional({ example: 'invoice.paid', maxLength: LONGEST_NAME })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_NAME)
  type?: string;

  @ApiPropertyOptional({ example: 'inv_01kb2x7m0e8v6q3yt1z5c9r4aw', maxLength: LONGEST_NAME })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_NAME)
  objectId?: string;
}
