import { ApiProperty } from '@nestjs/swagger';
import type { RecipientRequirement, RequiredField } from '../../../../providers/wise';
import { BENEFICIARY_STATUSES } from '../beneficiaries.repository';
import type { Beneficiary } from '../beneficiaries.service';

export class BeneficiaryResponse {
  @ApiProperty({ example: 'bnf_01jd8qxw3v6m5h2k7n9p4r1s0t' })
  id!: string;

  @ApiProperty({ enum: BENEFICIARY_STATUSES, description: 'Only an active one can be paid' })
  status!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Ada Lovelace',
    description: 'Null once erased, and in the answer to a request that is repeated under its `Idempotency-Key`',
  })
  name!: string | null;

  @ApiProperty({ example: 'EUR' })
  currency!: string;

  @ApiProperty({ example: 'iban' })
  type!: string;

  @ApiProperty({ type: String, nullable: true, example: 'DE•••••••••3000', description: 'Never in full' })
  account!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'DE', description: 'Where the account is, if known' })
  country!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  customerId!: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-22T09:30:00.000Z' })
  createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  archivedAt!: string | null;
}

export function toBeneficiaryResponse(beneficiary: Beneficiary): BeneficiaryResponse {
  const { id, status, currency, type, country, customerId, createdAt, archivedAt, display } = beneficiary;
  return {
    ...{ id, status, name: display.name, currency, type, account: display.masked, country, customerId },
    ...{ createdAt: createdAt.toISOString(), archivedAt: archivedAt?.toISOString() ?? null },
  };
}

export class BeneficiaryList {
  @ApiProperty({ type: [BeneficiaryResponse] })
  data!: BeneficiaryResponse[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

class AllowedValue {
  @ApiProperty({ example: 'PRIVATE' })
  key!: string;

  @ApiProperty({ example: 'Person' })
  name!: string;
}

class RequiredFieldResponse {
  @ApiProperty({ example: 'IBAN', description: 'In `details`; `accountHolderName` is `name`' })
  key!: string;

  @ApiProperty({ example: 'IBAN' })
  name!: string;

  @ApiProperty({ example: true })
  required!: boolean;

  @ApiProperty({ enum: ['text', 'select', 'radio', 'date'] })
  type!: string;

  @ApiProperty({ type: String, nullable: true, example: 'DE89370400440532013000' })
  example!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 14 })
  minLength!: number | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 42 })
  maxLength!: number | null;

  @ApiProperty({ type: String, nullable: true, example: '^[A-Z]{2}[0-9]{2}[A-Z0-9]+$' })
  validationRegexp!: string | null;

  @ApiProperty({ type: [AllowedValue], nullable: true, example: null })
  valuesAllowed!: AllowedValue[] | null;
}

class RequirementResponse {
  @ApiProperty({ example: 'iban', description: 'A beneficiary names one of these as its `type`' })
  type!: string;

  @ApiProperty({ example: 'IBAN' })
  title!: string;

  @ApiProperty({ type: [RequiredFieldResponse] })
  fields!: RequiredFieldResponse[];
}

export class RequirementList {
  @ApiProperty({ type: [RequirementResponse] })
  data!: RequirementResponse[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Always null: all are shown' })
  nextCursor!: null;
}

export function toRequirements(requirements: readonly RecipientRequirement[]): RequirementList {
  const data = requirements.map(({ type, title, fields }) => ({ type, title, fields: fields.map(toField) }));
  return { data, nextCursor: null };
}

function toField(field: RequiredField): RequiredFieldResponse {
  const { key, name, required, type, example, minLength, maxLength, validationRegexp, valuesAllowed } = field;
  return { key, name, required, type, example, minLength, maxLength, validationRegexp, valuesAllowed };
}
