export { invoiceFinalized } from './domain/invoice-finalized.posting';
export { invoicePaidElsewhere } from './domain/invoice-paid-elsewhere.posting';
export { invoicePaid } from './domain/invoice-paid.posting';
export type { InvoiceFigures, InvoiceRef } from './domain/invoice-posting';
export { invoiceUncollectible } from './domain/invoice-uncollectible.posting';
export { invoiceVoided } from './domain/invoice-voided.posting';
export { reversalOf, type JournalDraft } from './domain/journal';
export { LedgerModule } from './ledger.module';
export { LedgerService } from './ledger.service';
