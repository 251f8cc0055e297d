import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, Idempotent, Roles } from '../../../platform/http';
import { invoiceNotFound } from '../billing.errors';
import { InvoicesRepository, type Invoice } from '../invoices.repository';
import { CreditNoteFlow } from './credit-note.flow';
import { CreditNotesRepository } from './credit-notes.repository';
import { CreditNoteBody, CreditNoteResponse, toCreditNoteResponse } from './dto/credit-notes.dto';

@ApiTags('Operators')
@Controller('admin')
export class CreditNotesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly invoices: InvoicesRepository,
    private readonly notes: CreditNotesRepository,
    private readonly flow: CreditNoteFlow,
  ) {}

  @Post('invoices/:id/credit-notes')
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Correct a finalized invoice by a credit note' })
  @ApiCreatedResponse({ type: CreditNoteResponse })
  async issue(
    @Param('id') id: string,
    @Body() { amount, target, reason }: CreditNoteBody,
    @Acting() actor: Actor,
  ): Promise<CreditNoteResponse> {
    const invoice = await this.invoice(id);
    const request = { amount: BigInt(amount), target, reason: reason ?? null };
    return toCreditNoteResponse(await this.flow.issue(invoice, request, actor));
  }

  @Get('invoices/:id/credit-notes')
  @Roles('finance', 'support', 'admin')
  @ApiOperation({ summary: "An invoice's credit notes, oldest first" })
  @ApiOkResponse({ type: [CreditNoteResponse] })
  async list(@Param('id') id: string): Promise<CreditNoteResponse[]> {
    const { provider, providerId } = await this.invoice(id);
    const notes = await this.unitOfWork.service((tx) => this.notes.ofInvoice(tx, provider, providerId));
    return notes.map(toCreditNoteResponse);
  }

  @Post('credit-notes/:id/void')
  @HttpCode(200)
  @Roles('finance')
  @Idempotent()
  @ApiOperation({ summary: 'Take back a credit note of what is still owed' })
  @ApiOkResponse({ type: CreditNoteResponse })
  async void(@Param('id') id: string, @Acting() actor: Actor): Promise<CreditNoteResponse> {
    return toCreditNoteResponse(await this.flow.void(id, actor));
  }

  private async invoice(id: string): Promise<Invoice> {
    const invoice = await this.unitOfWork.service((tx) => this.invoices.byId(tx, id));
    if (!invoice) throw invoiceNotFound(id);
    return invoice;
  }
}
