import { Module } from '@nestjs/common';
import { AppleModule } from '../../providers/apple';
import { BillingModule } from '../billing';
import { CustomersModule } from '../customers';
import { EntitlementsModule } from '../entitlements';
import { IapController } from './iap.controller';
import { AppleReceipts } from './receipts/apple-receipts.flow';
import { PurchaseTaking } from './receipts/purchase-taking.service';
import { ReceiptValidation } from './receipts/validation.flow';

@Module({
  imports: [AppleModule, BillingModule, CustomersModule, EntitlementsModule],
  controllers: [IapController],
  providers: [AppleReceipts, PurchaseTaking, ReceiptValidation],
})
export class IapModule {}
