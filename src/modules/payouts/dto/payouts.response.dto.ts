import { ApiProperty } from '@nestjs/swagger';
import { amountToJson } from '../../../shared/money';
import type { Beneficiary } from '../beneficiaries/beneficiaries.service';
import { PAYOUT_STATUSES } from '../domain/payout-status';
import type { HistoryEntry, Payout, QuoteFigures } from '../payouts.repository';

export class PayoutQuoteResponse {
  @ApiProperty({ example: '8fa9be20-ba43-4b15-abbb-9424e1481050' })
  quoteId!: string;

  @ApiProperty({ example: '0.9213', description: 'Target per source; a decimal' })
  rate!: string;

  @ApiProperty({ example: 1525, description: 'Minor units of the source currency, contained in `sourceAmount`' })
  fee!: number;

  @ApiProperty({ example: 272881, description: 'Leaves our balance, minor units' })
  sourceAmount!: number;

  @ApiProperty({ example: 'USD' })
  sourceCurrency!: string;

  @ApiProperty({ example: 250000, description: 'Reaches the beneficiary, minor units' })
  targetAmount!: number;

  @ApiProperty({ example: 'EUR' })
  targetCurrency!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T10:00:00.000Z' })
  expiresAt!: string;
}

export class PreparedPayoutResponse {
  @ApiProperty({ example: 'po_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  payoutId!: string;

  @ApiProperty({ enum: PAYOUT_STATUSES, example: 'queued' })
  status!: string;

  @ApiProperty({ type: PayoutQuoteResponse })
  quote!: PayoutQuoteResponse;
}

export class ApprovedPayoutResponse {
  @ApiProperty({ example: 'po_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  payoutId!: string;

  @ApiProperty({ enum: PAYOUT_STATUSES, example: 'processing' })
  status!: string;
}

export class PayoutBeneficiaryResponse {
  @ApiProperty({ example: 'bnf_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Ada Lovelace', description: 'Null once erased' })
  name!: string | null;

  @ApiProperty({ example: 'DE•••••••••3000', description: 'Never in full' })
  account!: string;
}

export class PayoutApprovalResponse {
  @ApiProperty({ example: 'auth0|approver', description: "The person's user id" })
  by!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T09:40:00.000Z' })
  at!: string;
}

export class PayoutResponse {
  @ApiProperty({ example: 'po_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  id!: string;

  @ApiProperty({ enum: PAYOUT_STATUSES, example: 'processing' })
  status!: string;

  @ApiProperty({ type: PayoutBeneficiaryResponse })
  beneficiary!: PayoutBeneficiaryResponse;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Our customer who is paid, where it is one',
  })
  customerId!: string | null;

  @ApiProperty({ example: 250000, description: 'Minor units' })
  amount!: number;

  @ApiProperty({ example: 'EUR' })
  currency!: string;

  @ApiProperty({ example: 'Invoice 2026-114' })
  reference!: string;

  @ApiProperty({ type: PayoutQuoteResponse })
  quote!: PayoutQuoteResponse;

  @ApiProperty({ type: PayoutQuoteResponse, nullable: true, description: 'A dearer one that waits to be accepted' })
  offeredQuote!: PayoutQuoteResponse | null;

  @ApiProperty({ type: PayoutApprovalResponse })
  prepared!: PayoutApprovalResponse;

  @ApiProperty({ type: [PayoutApprovalResponse] })
  approvals!: PayoutApprovalResponse[];

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  cancelRequestedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '16521632', description: "The transfer's id at the provider" })
  providerId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'In the provider’s words' })
  failureCode!: string | null;
}

export class PayoutHistoryResponse {
  @ApiProperty({ type: String, nullable: true, enum: PAYOUT_STATUSES, example: 'queued' })
  from!: string | null;

  @ApiProperty({ enum: PAYOUT_STATUSES, example: 'processing' })
  to!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T09:40:00.000Z' })
  at!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    example: '2026-11-22T09:40:00.100Z',
    description: 'When we learned of it',
  })
  recordedAt!: string;

  @ApiProperty({
    enum: ['person', 'kassa', 'answer', 'webhook', 'reading'],
    description: 'Who says so: a person here, ourselves, the answer to a call of ours, the provider, or a look at it',
    example: 'person',
  })
  source!: string;

  @ApiProperty({ type: String, nullable: true, example: 'auth0|approver' })
  actor!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  reason!: string | null;
}

export class PayoutDetailResponse extends PayoutResponse {
  @ApiProperty({ type: [PayoutHistoryResponse] })
  history!: PayoutHistoryResponse[];
}

export class PayoutList {
  @ApiProperty({ type: [PayoutResponse] })
  data!: PayoutResponse[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export function toQuoteResponse(
  { sourceCurrency, targetCurrency }: Pick<Payout, 'sourceCurrency' | 'targetCurrency'>,
  { quoteRef, rate, fee, sourceAmount, targetAmount, expiresAt }: QuoteFigures,
): PayoutQuoteResponse {
  return {
    ...{ quoteId: quoteRef, rate, fee: amountToJson(fee) },
    ...{ sourceAmount: amountToJson(sourceAmount), sourceCurrency },
    ...{ targetAmount: amountToJson(targetAmount), targetCurrency, expiresAt: expiresAt.toISOString() },
  };
}

function presentQuote(payout: Payout): PayoutQuoteResponse {
  return toQuoteResponse(payout, { ...payout, expiresAt: payout.quoteExpiresAt });
}

export function toPreparedResponse(payout: Payout): PreparedPayoutResponse {
  return { payoutId: payout.id, status: payout.status, quote: presentQuote(payout) };
}

export function toPayoutResponse({ payout, beneficiary }: ShownPayout): PayoutResponse {
  const { id, status, customerId, targetAmount, targetCurrency, reference, offeredQuote, failureCode } = payout;
  const { preparedBy, preparedAt, approvedBy, approvedAt, secondApprovedBy, secondApprovedAt } = payout;
  const approval = (by: string | null, at: Date | null): PayoutApprovalResponse[] =>
    by !== null && at !== null ? [{ by, at: at.toISOString() }] : [];
  return {
    ...{ id, status, customerId, amount: amountToJson(targetAmount), currency: targetCurrency, reference, failureCode },
    beneficiary: { id: beneficiary.id, name: beneficiary.display.name, account: beneficiary.display.masked },
    quote: presentQuote(payout),
    offeredQuote: offeredQuote && toQuoteResponse(payout, offeredQuote),
    prepared: { by: preparedBy, at: preparedAt.toISOString() },
    approvals: [...approval(approvedBy, approvedAt), ...approval(secondApprovedBy, secondApprovedAt)],
    cancelRequestedAt: payout.cancelRequestedAt?.toISOString() ?? null,
    providerId: payout.transferRef,
  };
}

/** A payout, and whom it goes to. */
export interface ShownPayout {
  payout: Payout;
  beneficiary: Beneficiary;
}

export function toPayoutDetailResponse(shown: ShownPayout, history: readonly HistoryEntry[]): PayoutDetailResponse {
  return Object.assign(toPayoutResponse(shown), { history: history.map(toHistoryResponse) });
}

function toHistoryResponse(entry: HistoryEntry): PayoutHistoryResponse {
  const { fromStatus: from, toStatus: to, occurredAt, recordedAt, source, actor, reason } = entry;
  return { from, to, at: occurredAt.toISOString(), recordedAt: recordedAt.toISOString(), source, actor, reason };
}
