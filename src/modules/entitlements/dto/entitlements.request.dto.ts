import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';

export class CheckQuery {
  @ApiProperty({ example: 'api_calls' })
  @IsString()
  @Matches(/^[a-z][a-z0-9_]{0,62}$/, { message: 'feature must be a feature key' })
  feature!: string;
}
