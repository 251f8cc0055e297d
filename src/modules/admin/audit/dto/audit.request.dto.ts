import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength, MinLength } from 'class-validator';
import { IsWord, PeriodQuery } from '../../../../platform/http';

export class AuditQuery extends PeriodQuery {
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
}
