import { Module } from '@nestjs/common';
import { AppleModule } from '../../providers/apple';
import { GoogleModule } from '../../providers/google';
import { BillingModule } from '../billing';
import { CustomersModule } from '../customers';
import { EntitlementsModule } from '../entitlements';
import { AcknowledgementsModule } from './acknowledgements/acknowledgements.module';
import { DoublePayments } from './doubles/double-payments.service';
import { PurchaseEligibility } from './eligibility/purchase-eligibility.service';
import { IapController } from './iap.controller';
import { IapProductsController } from './products/iap-products.controller';
import { IapProductsRepository } from './products/iap-products.repository';
import { IapProducts } from './products/iap-products.service';
import { AppleReceipts } from './receipts/apple-receipts.flow';
import { GoogleReceipts } from './receipts/google-receipts.flow';
import { PurchaseTaking } from './receipts/purchase-taking.service';
import { ReceiptValidation } from './receipts/validation.flow';
import { PurchaseTransfersController } from './transfers/purchase-transfers.controller';
import { PurchaseTransfers } from './transfers/purchase-transfers.service';

@Module({
  imports: [AcknowledgementsModule, AppleModule, GoogleModule, BillingModule, CustomersModule, EntitlementsModule],
  controllers: [IapController, IapProductsController, PurchaseTransfersController],
  providers: [
    AppleReceipts,
    GoogleReceipts,
    PurchaseTaking,
    ReceiptValidation,
    IapProductsRepository,
    IapProducts,
    PurchaseEligibility,
    PurchaseTransfers,
    DoublePayments,
  ],
  exports: [DoublePayments],
})
export class IapModule {}
