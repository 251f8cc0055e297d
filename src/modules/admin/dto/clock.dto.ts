import { ApiProperty } from '@nestjs/swagger';
import { IsInt } from 'class-validator';

export class MoveClockBody {
  @ApiProperty({
    type: 'integer',
    description: 'Seconds ahead of the wall clock; negative is behind',
    example: 2_592_000,
  })
  @IsInt()
  offsetSeconds!: number;
}

export class ClockResponse {
  @ApiProperty({ example: 86_400 })
  offsetSeconds!: number;

  @ApiProperty({ format: 'date-time', description: 'Business time' })
  now!: string;
}
