import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { money } from '../../../shared/money';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, invalidInput, pageOf, Roles, type Page } from '../../../platform/http';
import { CustomersService } from '../../customers';
import { beneficiaryNotFound, customerNotFound } from './beneficiaries.errors';
import { BeneficiariesService } from './beneficiaries.service';
import { BeneficiaryRequirements, nominalAmount } from './beneficiary-requirements.flow';
import { BeneficiariesQuery, CreateBeneficiaryBody, RequirementsQuery } from './dto/beneficiary.request.dto';
import {
  BeneficiaryList,
  BeneficiaryResponse,
  RequirementList,
  toBeneficiaryResponse,
  toRequirements,
} from './dto/beneficiary.response.dto';

@ApiTags('Payouts')
@Controller('payouts/beneficiaries')
export class BeneficiariesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly beneficiaries: BeneficiariesService,
    private readonly requirements: BeneficiaryRequirements,
  ) {}

  @Post()
  @Roles('finance', 'admin')
  @Idempotent({ saidOnce: ['name', 'account'] })
  @ApiOperation({
    summary: 'Add somebody who is paid',
    description:
      'The account is checked here (check digits of IBAN, BIC and ABA routing numbers) and against what the provider requires, kept encrypted, ' +
      'and shown masked from then on. The same account again answers with the beneficiary that is there; under another name or ' +
      'customer it is 409 BENEFICIARY_EXISTS.',
  })
  @ApiCreatedResponse({ type: BeneficiaryResponse })
  async create(@Body() body: CreateBeneficiaryBody, @Acting() actor: Actor): Promise<BeneficiaryResponse> {
    const { name, currency, type, details, sourceCurrency = null } = body;
    const customerId = await this.customerOf(body);
    const input = { name, currency, type, details, sourceCurrency, customerId };
    return toBeneficiaryResponse(await this.beneficiaries.ensure(input, actor));
  }

  @Get()
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Who is paid, newest first' })
  @ApiOkResponse({ type: BeneficiaryList })
  async list(@Query() query: BeneficiariesQuery): Promise<Page<BeneficiaryResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const found = await this.unitOfWork.service((tx) => this.beneficiaries.list(tx, query, query.limit + 1, after));
    return pageOf(found, query.limit, (row) => row, toBeneficiaryResponse);
  }

  @Get('requirements')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'What the provider needs to know of a beneficiary, by the kind of account' })
  @ApiOkResponse({ type: RequirementList })
  async required(@Query() { currency, sourceCurrency, amount }: RequirementsQuery): Promise<RequirementList> {
    const target = amount === undefined ? nominalAmount(currency) : money(BigInt(amount), currency);
    return toRequirements(await this.requirements.of({ sourceCurrency: sourceCurrency ?? null, target }));
  }

  @Get(':id')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'One beneficiary' })
  @ApiOkResponse({ type: BeneficiaryResponse })
  async get(@Param('id') id: string): Promise<BeneficiaryResponse> {
    const found = await this.unitOfWork.service((tx) => this.beneficiaries.byId(tx, id));
    if (!found) throw beneficiaryNotFound(id);
    return toBeneficiaryResponse(found);
  }

  @Delete(':id')
  @HttpCode(204)
  @Roles('finance', 'admin')
  @ApiOperation({
    summary: 'Pay a beneficiary no more, here and at the provider; refused while a payout to it is open',
  })
  @ApiNoContentResponse({ description: 'Archived' })
  async archive(@Param('id') id: string, @Acting() actor: Actor): Promise<void> {
    await this.unitOfWork.service((tx) => this.beneficiaries.archive(tx, id, actor));
  }

  private async customerOf({ userId, customerId }: CreateBeneficiaryBody): Promise<string | null> {
    if (userId !== undefined && customerId !== undefined) {
      throw invalidInput([{ field: 'userId', message: 'userId and customerId name the same thing: give one of them' }]);
    }
    if (userId === undefined && customerId === undefined) return null;
    const customer = await this.unitOfWork.service((tx) =>
      userId === undefined ? this.customers.byId(tx, customerId ?? '') : this.customers.byUser(tx, userId),
    );
    if (!customer) throw customerNotFound();
    return customer.id;
  }
}
