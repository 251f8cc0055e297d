import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';

export const FEATURE_KEY = /^[a-z][a-z0-9_]{0,62}$/;

export class CheckQuery {
  @ApiProperty({ example: 'api_calls' })
  @IsString()
  @Matches(FEATURE_KEY, { message: 'feature must be a feature key' })
  feature!: string;
}
