import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { parseCurrency } from '../../../shared/currency';
import { money } from '../../../shared/money';
import type { Actor } from '../../../platform/audit';
import { Acting, Idempotent, Roles } from '../../../platform/http';
import { CustomerCreditFlow } from './customer-credit.flow';
import { CustomerCreditResponse, GiveCreditBody, toCustomerCredit } from './dto/credits.dto';

@ApiTags('Operators')
@Controller('admin/customers')
export class CustomerCreditController {
  constructor(private readonly credits: CustomerCreditFlow) {}

  @Post(':id/credit')
  @Roles('finance', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Give a customer credit, which his next invoices use up' })
  @ApiCreatedResponse({ type: CustomerCreditResponse })
  async give(
    @Param('id') id: string,
    @Body() { amount, currency, reason }: GiveCreditBody,
    @Acting() actor: Actor,
  ): Promise<CustomerCreditResponse> {
    const credit = money(BigInt(amount), parseCurrency(currency));
    return toCustomerCredit(id, await this.credits.give(id, { credit, reason }, actor));
  }
}
