import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsString, Length, Matches } from 'class-validator';
import { STORES, type Store } from '../../domain/store';
import type { Transfer } from '../purchase-transfers.service';

export class TransferBody {
  @ApiProperty({ enum: STORES })
  @IsIn(STORES)
  provider!: Store;

  @ApiProperty({ example: '2000000123456789', description: '`providerId` of its subscription' })
  @IsString()
  @Length(1, 2_000)
  providerId!: string;

  @ApiProperty({ example: 'cust_01jd…' })
  @IsString()
  @Length(1, 64)
  toCustomerId!: string;

  @ApiProperty({ example: 'Signed in with another address', description: 'For the audit log, which is kept: no names' })
  @Matches(/^[^\p{Cc}\p{Cs}\s][^\p{Cc}\p{Cs}]{0,499}$/u, { message: 'reason must be one line of 1 to 500 characters' })
  reason!: string;
}

export class TransferResponse {
  @ApiProperty({ example: 'xfer_01jd…' })
  id!: string;

  @ApiProperty({ enum: STORES })
  provider!: string;

  @ApiProperty({ example: '2000000123456789' })
  providerId!: string;

  @ApiProperty({ example: 'cust_01jd…' })
  fromCustomerId!: string;

  @ApiProperty({ example: 'cust_01je…' })
  toCustomerId!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;
}

export function toTransfer({ store, at, ...transfer }: Transfer): TransferResponse {
  return { ...transfer, provider: store, at: at.toISOString() };
}
