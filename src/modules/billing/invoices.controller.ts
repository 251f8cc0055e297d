import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../platform/database';
import {
  Authenticated,
  CurrentUser,
  decodeCursor,
  PageQuery,
  pageOf,
  type Page,
  type UserIdentity,
} from '../../platform/http';
import { InvoiceList, InvoiceResponse, toInvoiceResponse } from './dto/invoices.response.dto';
import { PaymentList, PaymentResponse, toPaymentResponse } from './dto/payments.response.dto';
import { InvoicesRepository } from './invoices.repository';
import { PaymentsRepository } from './payments.repository';

@ApiTags('Billing')
@Controller('billing')
export class InvoicesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly invoices: InvoicesRepository,
    private readonly payments: PaymentsRepository,
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

  @Get('payments')
  @Authenticated()
  @ApiOperation({ summary: "The signed-in user's payments, newest first" })
  @ApiOkResponse({ type: PaymentList })
  async listPayments(@CurrentUser() user: UserIdentity, @Query() query: PageQuery): Promise<Page<PaymentResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.user(user.id, (tx) => this.payments.ofUser(tx, user.id, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toPaymentResponse);
  }
}
