import { Module } from '@nestjs/common';
import { AppleModule } from '../../providers/apple';
import { BillingModule } from '../billing';
import { CustomersModule } from '../customers';
import { EntitlementsModule } from '../entitlements';
import { IapProductsController } from './products/iap-products.controller';
import { IapProductsRepository } from './products/iap-products.repository';
import { IapProducts } from './products/iap-products.service';
import { DoublePayments } from './doubles/double-payments.service';
import { PurchaseEligibility } from './eligibility/purchase-eligibility.service';
import { PurchaseTransfersController } from './transfers/purchase-transfers.controller';
import { PurchaseTransfers } from './transfers/purchase-transfers.service';
import { IapController } from './iap.controller';
import { AppleReceipts } from './receipts/apple-receipts.flow';
import { PurchaseTaking } from './receipts/purchase-taking.service';
import { ReceiptValidation } from './receipts/validation.flow';

@Module({
  imports: [AppleModule, BillingModule, CustomersModule, EntitlementsModule],
  controllers: [IapController, IapProductsController, PurchaseTransfersController],
  providers: [
    DoublePayments,
    PurchaseEligibility,
    PurchaseTransfers,
    IapProductsRepository,
    IapProducts,
    AppleReceipts,
    PurchaseTaking,
    ReceiptValidation,
  ],
  exports: [DoublePayments],
})
export class IapModule {}
