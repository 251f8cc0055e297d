import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { retryWhileBusy, UnitOfWork } from '../../../platform/database';
import { Acting, Idempotent, Roles } from '../../../platform/http';
import { Outbox } from '../../../platform/outbox';
import { toTransfer, TransferBody, TransferResponse } from './dto/purchase-transfers.dto';
import { PurchaseTransfers } from './purchase-transfers.service';

@ApiTags('In-app purchases')
@Controller('admin/iap/transfers')
export class PurchaseTransfersController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly transfers: PurchaseTransfers,
    private readonly outbox: Outbox,
  ) {}

  @Post()
  @Roles('support', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Give a purchase to another customer',
    description:
      'With its subscription, invoices and grants, and all the store tells of it from now on. The books stay as they are.',
  })
  @ApiCreatedResponse({ type: TransferResponse })
  async transfer(@Body() body: TransferBody, @Acting() actor: Actor): Promise<TransferResponse> {
    const { provider: store, providerId, toCustomerId, reason } = body;
    const request = { store, providerId, toCustomerId, reason };
    const transfer = await retryWhileBusy(() =>
      this.unitOfWork.service((tx) => this.transfers.transfer(tx, request, actor)),
    );
    this.outbox.wake();
    return toTransfer(transfer);
  }
}
