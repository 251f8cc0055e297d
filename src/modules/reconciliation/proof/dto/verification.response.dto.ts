import { ApiProperty } from '@nestjs/swagger';
import type { Finding } from '../../../ledger';
import type { Checked, Verification } from '../ledger-verification.service';

class FindingResponse {
  @ApiProperty({ example: 'balance', description: 'The rule that is broken' })
  kind!: string;

  @ApiProperty({ example: 'stripe:in_1PxQ2k:paid', description: 'What it is about: a posting, a seal, an object' })
  subject!: string;

  @ApiProperty({ example: 'is off by 100 USD' })
  message!: string;
}

class CheckedResponse {
  @ApiProperty({ type: [String], example: ['balance', 'content', 'template', 'chain', 'seal', 'unsealed'] })
  kinds!: readonly string[];

  @ApiProperty({ example: true, description: 'False where the time was up before' })
  complete!: boolean;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { transactions: 1204, entries: 2630, seals: 12, unsealed: 3 },
    description: 'How much was looked at',
  })
  looked!: Readonly<Record<string, number>>;
}

export class VerificationResponse {
  @ApiProperty({ example: '2026-11-21T12:00:00.000Z' })
  asOf!: string;

  @ApiProperty({ example: true, description: 'Nothing was found, by checks that all came to their end' })
  ok!: boolean;

  @ApiProperty({
    example: true,
    description: 'False where the books are too many for a request: `kassa ledger verify` takes its time',
  })
  complete!: boolean;

  @ApiProperty({ type: 'integer', example: 0, description: 'How many were found; the first hundred are shown' })
  differences!: number;

  @ApiProperty({ type: [CheckedResponse] })
  checks!: CheckedResponse[];

  @ApiProperty({ type: [FindingResponse] })
  findings!: FindingResponse[];
}

export function toVerificationResponse(verification: Verification): VerificationResponse {
  const { asOf, complete, differences, checks, findings } = verification;
  return {
    asOf: asOf.toISOString(),
    ok: complete && differences === 0,
    complete,
    differences,
    checks: checks.map(({ kinds, complete: done, looked }: Checked) => ({ kinds, complete: done, looked })),
    findings: findings.map(({ kind, subject, message }: Finding) => ({ kind, subject, message })),
  };
}
