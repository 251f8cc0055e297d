import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { PageQuery } from '../../../platform/http';
import { canonicalLocale } from '../domain/locale';
import { isTimeZone } from '../domain/quiet-hours';
import { CHANNELS, TOPIC_NAMES, type Channel, type TopicName } from '../domain/topics';

const CLOCK_TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;
const MAX_TOKEN = 255;

/** May be left out, but not be null. */
export const NotNull = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

function check(name: string, message: string, test: (value: unknown) => boolean): PropertyDecorator {
  return (target, property) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(property),
      options: { message: `$property ${message}` },
      validator: { validate: test },
    });
  };
}

/** A BCP 47 tag, taken in its canonical form. */
export const IsLocale = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? (canonicalLocale(value) ?? value) : value,
    ),
    check('isLocale', 'must be a language tag such as de-AT', (value) =>
      typeof value === 'string' ? canonicalLocale(value) === value : false,
    ),
  );

export class NotificationsQuery extends PageQuery {
  @ApiPropertyOptional({ type: Boolean, description: 'true: only those that are not read; false: only those that are' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  unread?: boolean;
}

export class QuietHoursBody {
  @ApiProperty({ example: '22:00', pattern: CLOCK_TIME.source })
  @Matches(CLOCK_TIME, { message: '$property must be a time of day such as 22:00' })
  from!: string;

  @ApiProperty({ example: '07:00', pattern: CLOCK_TIME.source })
  @Matches(CLOCK_TIME, { message: '$property must be a time of day such as 07:00' })
  to!: string;
}

export class TopicChoiceBody {
  @ApiProperty({ enum: TOPIC_NAMES })
  @IsIn(TOPIC_NAMES)
  topic!: TopicName;

  @ApiProperty({ enum: CHANNELS })
  @IsIn(CHANNELS)
  channel!: Channel;

  @ApiProperty()
  @IsBoolean()
  enabled!: boolean;
}

export class PreferencesBody {
  @ApiPropertyOptional({ type: String, nullable: true, example: 'de-AT', description: 'A language tag; null: English' })
  @IsOptional()
  @IsLocale()
  locale?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'Europe/Vienna',
    description: 'An IANA name; null: UTC',
  })
  @IsOptional()
  @check(
    'isTimeZone',
    'must be a time zone such as Europe/Vienna',
    (value) => typeof value === 'string' && isTimeZone(value),
  )
  timeZone?: string | null;

  @ApiPropertyOptional({
    type: QuietHoursBody,
    nullable: true,
    description: 'Push messages that are not urgent wait until they are over; null: none',
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => QuietHoursBody)
  quietHours?: QuietHoursBody | null;

  @ApiPropertyOptional({ type: [TopicChoiceBody], description: 'Those left out stay as they are' })
  @NotNull()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => TopicChoiceBody)
  topics?: TopicChoiceBody[];
}

export class DeviceBody {
  @ApiProperty({ example: 'ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]', description: "Expo's push token of the device" })
  @IsString()
  @MaxLength(MAX_TOKEN)
  token!: string;
}
