import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import {
  Acting,
  Authenticated,
  CurrentUser,
  decodeCursor,
  Idempotent,
  PageQuery,
  pageOf,
  PaymentAttempt,
  type Page,
  type UserIdentity,
} from '../../platform/http';
import { invoiceNotFound } from './billing.errors';
import { RetryBody } from './dto/invoices.request.dto';
import { InvoiceList, InvoiceResponse, RetryResponse, toInvoiceResponse } from './dto/invoices.response.dto';
import { PaymentList, PaymentResponse, toPaymentResponse } from './dto/payments.response.dto';
import { InvoiceSettlementFlow } from './invoice-settlement.flow';
import { InvoicesRepository, type Invoice } from './invoices.repository';
import { PaymentMethodsFlow } from './payment-methods.flow';
import { PaymentsRepository } from './payments.repository';

@ApiTags('Billing')
@Controller('billing')
export class InvoicesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly invoices: InvoicesRepository,
    private readonly payments: PaymentsRepository,
    private readonly settlement: InvoiceSettlementFlow,
    private readonly methods: PaymentMethodsFlow,
  ) {}

  @Get('invoices')
  @Authenticated()
  @ApiOperation({ summary: "The signed-in user's invoices, newest first" })
  @ApiOkResponse({ type: InvoiceList })
  async listInvoices(@CurrentUser() user: UserIdentity, @Query() query: PageQuery): Promise<Page<InvoiceResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.user(user.id, (tx) => this.invoices.ofUser(tx, user.id, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toInvoiceResponse);
  }

  @Get('invoices/:id')
  @Authenticated()
  @ApiOperation({ summary: 'One invoice, with its lines, tax and links' })
  @ApiOkResponse({ type: InvoiceResponse })
  async getInvoice(@CurrentUser() user: UserIdentity, @Param('id') id: string): Promise<InvoiceResponse> {
    return toInvoiceResponse(await this.own(user, id));
  }

  @Post('invoices/:id/retry')
  @HttpCode(200)
  @Authenticated()
  @Idempotent()
  @PaymentAttempt()
  @ApiOperation({ summary: 'Try once more to pay an open invoice' })
  @ApiOkResponse({ type: RetryResponse })
  async retryInvoice(
    @CurrentUser() user: UserIdentity,
    @Param('id') id: string,
    @Body() { paymentMethodId = null }: RetryBody,
    @Acting() actor: Actor,
  ): Promise<RetryResponse> {
    const invoice = await this.own(user, id);
    const paymentMethodRef = await this.methods.toCharge(user, paymentMethodId);
    const what = { action: 'pay', paymentMethodRef } as const;
    const { status, attemptCount } = await this.settlement.settle(invoice, { what, actor });
    return { status, attempt: attemptCount };
  }

  @Get('payments')
  @Authenticated()
  @ApiOperation({ summary: "The signed-in user's payments, newest first" })
  @ApiOkResponse({ type: PaymentList })
  async listPayments(@CurrentUser() user: UserIdentity, @Query() query: PageQuery): Promise<Page<PaymentResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.user(user.id, (tx) => this.payments.ofUser(tx, user.id, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toPaymentResponse);
  }

  /** Another's is as unknown as none. */
  private async own(user: UserIdentity, id: string): Promise<Invoice> {
    const invoice = await this.unitOfWork.user(user.id, (tx) => this.invoices.ofUserById(tx, user.id, id));
    if (!invoice) throw invoiceNotFound(id);
    return invoice;
  }
}
