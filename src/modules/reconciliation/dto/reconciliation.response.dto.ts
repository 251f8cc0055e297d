import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import type { Provider } from '../../../shared/facts';
import { MOVEMENT_KINDS, type MovementKind } from '../../../shared/statement-line';
import { BREAK_TYPES, type BreakType } from '../domain/compare-movement';
import { BREAK_STATUSES, type Break, type BreakSide, type BreakStatus } from '../reconciliation-breaks.repository';
import { RUN_STATUSES, type Run, type RunStatus } from '../reconciliation-runs.repository';
import { PROVIDERS } from './reconciliation.request.dto';

const DAY_MS = 86_400_000;

class CountsResponse {
  @ApiProperty({ type: 'integer', example: 1204, description: "The provider's movements within the window" })
  providerLines!: number;

  @ApiProperty({ type: 'integer', example: 1204, description: 'Movements by the books, one per currency' })
  bookLines!: number;

  @ApiProperty({ type: 'integer', example: 0, description: "Others' on a shared account" })
  foreign!: number;

  @ApiProperty({ type: 'integer', example: 2, description: 'Differences, ignored ones included' })
  breaks!: number;

  @ApiProperty({
    type: 'integer',
    example: 1,
    description: 'Those of them that were open or repairing when the run ended',
  })
  unresolved!: number;
}

class SideTotalResponse {
  @ApiProperty({ type: 'integer', example: 40 })
  lines!: number;

  @ApiProperty({ type: 'integer', example: 116000, description: 'Minor units' })
  gross!: number;

  @ApiProperty({ type: 'integer', example: 4564, description: 'Minor units' })
  fee!: number;

  @ApiProperty({ type: 'integer', example: 111436, description: 'gross - fee' })
  net!: number;
}

class TotalResponse {
  @ApiProperty({ example: '2026-10-03', description: 'UTC' })
  day!: string;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ type: SideTotalResponse })
  provider!: SideTotalResponse;

  @ApiProperty({ type: SideTotalResponse })
  books!: SideTotalResponse;
}

class RunErrorResponse {
  @ApiProperty({ example: 'PROVIDER_ERROR' })
  code!: string;

  @ApiProperty({ example: 'The provider could not be reached' })
  message!: string;
}

export class RunResponse {
  @ApiProperty({ example: 'rcn_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ enum: PROVIDERS, example: 'stripe' })
  provider!: Provider;

  @ApiProperty({ example: '2026-10-01T00:00:00.000Z', description: 'Inclusive' })
  from!: string;

  @ApiProperty({ example: '2026-11-01T00:00:00.000Z', description: 'Exclusive' })
  to!: string;

  @ApiProperty({ enum: RUN_STATUSES, example: 'finished' })
  status!: RunStatus;

  @ApiProperty({ enum: ['statement', 'movements', 'books', 'end'], example: 'end' })
  phase!: string;

  @ApiProperty({ type: CountsResponse, nullable: true, description: 'Null until it has finished' })
  counts!: CountsResponse | null;

  @ApiProperty({
    type: [TotalResponse],
    nullable: true,
    description: 'Per day and currency; null until it has finished',
  })
  totals!: TotalResponse[] | null;

  @ApiProperty({ type: RunErrorResponse, nullable: true, description: 'Why it broke off last' })
  error!: RunErrorResponse | null;

  @ApiProperty({ example: '2026-11-02T01:00:00.000Z' })
  startedAt!: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-11-02T01:00:05.000Z' })
  finishedAt!: string | null;
}

export class RunList {
  @ApiProperty({ type: [RunResponse] })
  data!: RunResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class BegunRuns {
  @ApiProperty({ type: [RunResponse], description: 'One for each provider that is on' })
  data!: RunResponse[];
}

class BreakSideResponse {
  @ApiProperty({ type: 'integer', example: 2900, description: 'Minor units; negative leaves' })
  gross!: number;

  @ApiProperty({ type: 'integer', example: 114, description: 'Minor units' })
  fee!: number;

  @ApiProperty({ type: 'integer', example: 2786, description: 'gross - fee' })
  net!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: '2026-10-03T09:12:00.000Z' })
  at!: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'How the object stands' })
  status!: string | null;
}

export class BreakResponse {
  @ApiProperty({ example: 'brk_01jd8x2m5n' })
  id!: string;

  @ApiProperty({ enum: PROVIDERS, example: 'stripe' })
  provider!: Provider;

  @ApiProperty({ enum: BREAK_TYPES, example: 'amount' })
  type!: BreakType;

  @ApiProperty({ enum: BREAK_STATUSES, example: 'open', description: 'repairing: the provider has been asked again' })
  status!: BreakStatus;

  @ApiProperty({ enum: MOVEMENT_KINDS, example: 'charge' })
  movement!: MovementKind;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'txn_1PqRsT',
    description: "The provider's id of the movement",
  })
  providerId!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'ch_1PqRsT',
    description: "The provider's id of what moved the money",
  })
  objectId!: string | null;

  @ApiProperty({ type: [String], example: ['jtx_01jd8x2m5n'], description: 'Our journal transactions' })
  transactionIds!: string[];

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: -100,
    description: "The provider's net less ours, minor units",
  })
  difference!: number | null;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({
    type: [BreakSideResponse],
    nullable: true,
    description: 'By our books, per currency; null where they have nothing',
  })
  expected!: BreakSideResponse[] | null;

  @ApiProperty({ type: BreakSideResponse, nullable: true, description: 'By the provider; null where it has nothing' })
  actual!: BreakSideResponse | null;

  @ApiProperty({ example: '2026-10-03T09:12:00.000Z', description: 'When the money moved' })
  occurredAt!: string;

  @ApiProperty({ example: 'rcn_01jd8x2m5n' })
  firstSeenRunId!: string;

  @ApiProperty({ example: '2026-10-04T01:00:00.000Z' })
  firstSeenAt!: string;

  @ApiProperty({ example: '2026-10-04T01:00:00.000Z' })
  lastSeenAt!: string;

  @ApiProperty({
    type: 'integer',
    example: 3,
    description: 'Whole days since it was first seen, to when it was resolved',
  })
  ageDays!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2026-10-04T01:00:00.000Z',
    description: 'When a ticket was asked for',
  })
  ticketedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  resolvedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  ignoredReason!: string | null;
}

export class BreakList {
  @ApiProperty({ type: [BreakResponse] })
  data!: BreakResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export function toRunResponse(run: Run): RunResponse {
  const { id, provider, from, to, status, cursor, counts, totals, errorContext, startedAt, finishedAt } = run;
  return {
    ...{ id, provider, status, counts, totals, phase: cursor.phase },
    ...{ from: from.toISOString(), to: to.toISOString(), error: errorContext },
    ...{ startedAt: startedAt.toISOString(), finishedAt: finishedAt?.toISOString() ?? null },
  };
}

/** @param now business time, of an unresolved break's age. */
export function toBreakResponse(found: Break, now: Date): BreakResponse {
  const { id, provider, type, status, movement, transactionIds, currency, firstSeenRunId, ignoredReason } = found;
  const end = found.resolvedAt ?? now;
  return {
    ...{ id, provider, type, status, movement, transactionIds, currency, firstSeenRunId, ignoredReason },
    ...{ providerId: found.providerRef, objectId: found.objectRef },
    difference: found.difference === null ? null : amountToJson(found.difference),
    expected: found.expected?.map(toSide) ?? null,
    actual: found.actual && toSide(found.actual),
    occurredAt: found.occurredAt.toISOString(),
    firstSeenAt: found.firstSeenAt.toISOString(),
    lastSeenAt: found.lastSeenAt.toISOString(),
    ageDays: Math.max(0, Math.floor((end.getTime() - found.firstSeenAt.getTime()) / DAY_MS)),
    ticketedAt: found.ticketedAt?.toISOString() ?? null,
    resolvedAt: found.resolvedAt?.toISOString() ?? null,
  };
}

function toSide({ gross, fee, net, ...side }: BreakSide): BreakSideResponse {
  const amount = (text: string): number => amountToJson(BigInt(text));
  return { ...side, gross: amount(gross), fee: amount(fee), net: amount(net) };
}
