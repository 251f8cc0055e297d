import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches, MaxLength, MinLength } from 'class-validator';
import { IsInstant, PageQuery } from '../../../../platform/http';

/** Ids and actions are plain ASCII, and what is none finds nothing. */
const IsWord = (): PropertyDecorator =>
  Matches(/^[\x21-\x7e]{1,255}$/, { message: '$property must be 1 to 255 printable ASCII characters' });

export class AuditQuery extends PageQuery {
  @ApiPropertyOptional({ example: 'auth0|5f7c8ec7c33c6c004bbafe82', description: 'The user who acted' })
  @IsOptional()
  @MinLength(1)
  @MaxLength(255)
  actorId?: string;

  @ApiPropertyOptional({ example: 'payment.refund' })
  @IsOptional()
  @IsWord()
  action?: string;

  @ApiPropertyOptional({ example: 'payment' })
  @IsOptional()
  @IsWord()
  objectType?: string;

  @ApiPropertyOptional({ example: 'pay_01jd…' })
  @IsOptional()
  @MinLength(1)
  @MaxLength(255)
  objectId?: string;

  @ApiPropertyOptional({ example: 'cust_01jd…' })
  @IsOptional()
  @IsWord()
  customerId?: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Inclusive; without an offset it is UTC' })
  @IsOptional()
  @IsInstant()
  from?: Date;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Exclusive' })
  @IsOptional()
  @IsInstant()
  to?: Date;
}
