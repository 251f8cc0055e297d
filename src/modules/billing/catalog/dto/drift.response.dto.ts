import { ApiProperty } from '@nestjs/swagger';
import type { DriftReport } from '../catalog-drift.flow';

export class DriftResponse {
  @ApiProperty({
    enum: ['missing_there', 'missing_here', 'differs'],
    description: 'Not at Stripe; at Stripe under our name but unknown here; or not the same on both sides',
  })
  kind!: string;

  @ApiProperty({ enum: ['plan', 'price'] })
  objectType!: string;

  @ApiProperty({ type: String, nullable: true, example: 'price_01jd…' })
  id!: string | null;

  @ApiProperty({ example: 'price_1…' })
  providerId!: string;

  @ApiProperty({ type: String, nullable: true, example: 'active' })
  field!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'true', description: 'As text' })
  ours!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'false', description: 'As text' })
  theirs!: string | null;
}

export class DriftReportResponse {
  @ApiProperty({ format: 'date-time' })
  checkedAt!: string;

  @ApiProperty({ example: 12, description: 'Products looked at, others’ too' })
  products!: number;

  @ApiProperty({ example: 40, description: 'Prices looked at, others’ too' })
  prices!: number;

  @ApiProperty({ type: [DriftResponse] })
  drifts!: DriftResponse[];
}

export function toDriftReport({ checkedAt, drifts, ...report }: DriftReport): DriftReportResponse {
  return {
    checkedAt: checkedAt.toISOString(),
    ...report,
    drifts: drifts.map((drift) => ({ ...drift, ours: textOf(drift.ours), theirs: textOf(drift.theirs) })),
  };
}

function textOf(value: string | number | boolean | null): string | null {
  return value === null ? null : String(value);
}
