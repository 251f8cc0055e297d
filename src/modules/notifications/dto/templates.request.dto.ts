import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmptyObject,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import type { OwnWording } from '../domain/render';
import { CHANNELS, type Channel } from '../domain/topics';
import { IsLocale, NotNull } from './notifications.request.dto';

/** JSON of PostgreSQL takes no half of a surrogate pair. */
const ONE_LINE = /^[^\p{Cc}\p{Cs}]+$/u;
const LINES = /^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])+$/u;

const Line = (max: number): PropertyDecorator =>
  applyDecorators(IsString(), MaxLength(max), Matches(ONE_LINE, { message: '$property must be one line of text' }));
const Lines = (max: number): PropertyDecorator =>
  applyDecorators(IsString(), MaxLength(max), Matches(LINES, { message: '$property must be a text' }));

export class ShortWordingBody {
  @ApiProperty({ example: 'Payment of {{amount}} failed', maxLength: 200 })
  @Line(200)
  title!: string;

  @ApiProperty({ example: 'You keep your access for {{daysLeft}}.', maxLength: 500 })
  @Line(500)
  body!: string;
}

/** Handlebars: `{{variable}}`, `{{#if variable}}` and `{{#unless variable}}`. A part that is left out is said as built in. */
export class WordingBody {
  @ApiPropertyOptional({
    example: 'Your payment of {{amount}} did not go through',
    maxLength: 300,
    description: 'Of the mail',
  })
  @NotNull()
  @Line(300)
  subject?: string;

  @ApiPropertyOptional({
    example: 'We could not collect {{amount}}. Pay here: {{payUrl}}',
    maxLength: 20_000,
    description: 'Of the mail, without its foot; together with `html`',
  })
  @NotNull()
  @Lines(20_000)
  text?: string;

  @ApiPropertyOptional({
    example: '<p>We could not collect {{amount}}. <a href="{{payUrl}}">Pay here</a></p>',
    maxLength: 100_000,
    description:
      'Of the mail, together with `text`: what stands in the layout, or a document with `<html>`. Values are escaped',
  })
  @NotNull()
  @Lines(100_000)
  html?: string;

  @ApiPropertyOptional({ type: ShortWordingBody, description: 'Of the push message' })
  @NotNull()
  @IsObject()
  @ValidateNested()
  @Type(() => ShortWordingBody)
  push?: ShortWordingBody;

  @ApiPropertyOptional({ type: ShortWordingBody, description: 'Of the entry in the list' })
  @NotNull()
  @IsObject()
  @ValidateNested()
  @Type(() => ShortWordingBody)
  inApp?: ShortWordingBody;
}

export class WordingPath {
  @ApiProperty({ example: 'payment_failed' })
  @IsString()
  key!: string;

  @ApiProperty({ example: 'de-AT' })
  @IsLocale()
  locale!: string;
}

export class VersionsQuery {
  @ApiPropertyOptional({ default: 20, minimum: 1, maximum: 100 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit = 20;

  @ApiPropertyOptional({ example: 7, minimum: 1, maximum: 2_147_483_647, description: 'Versions before this one' })
  @NotNull()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  before?: number;
}

export class PreviewBody {
  @ApiProperty({ example: 'de-AT' })
  @IsLocale()
  locale!: string;

  @ApiProperty({ enum: CHANNELS })
  @IsIn(CHANNELS)
  channel!: Channel;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: "Every variable of the template, by its name; left out: the template's sample",
    example: { plan: 'Pro', amount: { amount: 2900, currency: 'USD' } },
  })
  @NotNull()
  @IsObject()
  @IsNotEmptyObject({ nullable: true })
  variables?: Record<string, unknown>;

  @ApiPropertyOptional({ type: WordingBody, description: 'Words that are not kept yet, of this locale' })
  @NotNull()
  @IsObject()
  @ValidateNested()
  @Type(() => WordingBody)
  wording?: WordingBody;
}

/** Only what was said. */
export function wordingOf({ subject, text, html, push, inApp }: WordingBody): OwnWording {
  return {
    ...(subject !== undefined && { subject }),
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    ...(push && { push: { title: push.title, body: push.body } }),
    ...(inApp && { inApp: { title: inApp.title, body: inApp.body } }),
  };
}
