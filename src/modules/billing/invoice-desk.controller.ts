import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { Acting, Idempotent, Roles } from '../../platform/http';
import type { InvoiceAction } from '../../providers/stripe';
import { invoiceNotFound } from './billing.errors';
import { InvoiceResponse, toInvoiceResponse } from './dto/invoices.response.dto';
import { ReasonBody } from './dto/operators.request.dto';
import { InvoiceSettlementFlow } from './invoice-settlement.flow';
import { InvoicesRepository } from './invoices.repository';

/** What finance may do about an open invoice; its postings come with the facts of the answer. */
@ApiTags('Operators')
@Controller('admin/invoices')
export class InvoiceDeskController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly invoices: InvoicesRepository,
    private readonly settlement: InvoiceSettlementFlow,
  ) {}

  @Post(':id/void')
  @HttpCode(200)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Make an open invoice void' })
  @ApiOkResponse({ type: InvoiceResponse })
  void(@Param('id') id: string, @Body() body: ReasonBody, @Acting() actor: Actor): Promise<InvoiceResponse> {
    return this.settle(id, { action: 'void' }, body, actor);
  }

  @Post(':id/mark-uncollectible')
  @HttpCode(200)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Give an open invoice up; it may still be paid' })
  @ApiOkResponse({ type: InvoiceResponse })
  giveUp(@Param('id') id: string, @Body() body: ReasonBody, @Acting() actor: Actor): Promise<InvoiceResponse> {
    return this.settle(id, { action: 'mark_uncollectible' }, body, actor);
  }

  @Post(':id/pay-out-of-band')
  @HttpCode(200)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Record that an open invoice was paid outside the provider' })
  @ApiOkResponse({ type: InvoiceResponse })
  payOutOfBand(@Param('id') id: string, @Body() body: ReasonBody, @Acting() actor: Actor): Promise<InvoiceResponse> {
    return this.settle(id, { action: 'pay_out_of_band' }, body, actor);
  }

  private async settle(
    id: string,
    what: InvoiceAction,
    { reason }: ReasonBody,
    actor: Actor,
  ): Promise<InvoiceResponse> {
    const invoice = await this.unitOfWork.service((tx) => this.invoices.byId(tx, id));
    if (!invoice) throw invoiceNotFound(id);
    return toInvoiceResponse(await this.settlement.settle(invoice, { what, actor, note: { reason } }));
  }
}
