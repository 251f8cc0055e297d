import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { Acting, Authenticated, CurrentUser, type UserIdentity } from '../../../platform/http';
import { BillingDetailsFlow } from './billing-details.flow';
import { BillingDetailsBody } from './dto/billing-details.request.dto';
import { BillingDetailsResponse, toBillingDetailsResponse } from './dto/billing-details.response.dto';

@ApiTags('Billing')
@Controller('billing/details')
export class BillingDetailsController {
  constructor(private readonly details: BillingDetailsFlow) {}

  @Get()
  @Authenticated()
  @ApiOperation({ summary: "The signed-in user's name, address and tax ids for invoices, as Stripe has them" })
  @ApiOkResponse({ type: BillingDetailsResponse })
  async read(@CurrentUser() user: UserIdentity): Promise<BillingDetailsResponse> {
    return toBillingDetailsResponse(await this.details.read(user));
  }

  @Put()
  @Authenticated()
  @ApiOperation({ summary: 'Say who is billed and where; what is invoiced from then on is taxed there' })
  @ApiOkResponse({ type: BillingDetailsResponse })
  async change(
    @CurrentUser() user: UserIdentity,
    @Body() { name, address, taxIds }: BillingDetailsBody,
    @Acting() actor: Actor,
  ): Promise<BillingDetailsResponse> {
    const { line1 = null, line2 = null, city = null, postalCode = null, state = null, country } = address;
    const change = { name, address: { line1, line2, city, postalCode, state, country }, taxIds };
    return toBillingDetailsResponse(await this.details.change(user, change, actor));
  }
}
