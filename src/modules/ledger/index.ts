export { sideOf } from './domain/account-sides';
export { chargeSettled } from './domain/charge-settled.posting';
export { creditGranted } from './domain/credit-granted.posting';
export { creditNoteIssued } from './domain/credit-note-issued.posting';
export { disputeLost, disputeMoved } from './domain/dispute.posting';
export { invoiceFinalized } from './domain/invoice-finalized.posting';
export { invoicePaidElsewhere } from './domain/invoice-paid-elsewhere.posting';
export { invoicePaid } from './domain/invoice-paid.posting';
export type { InvoiceFigures, InvoiceRef } from './domain/invoice-posting';
export { invoiceUncollectible, invoiceUncollectibleCredited } from './domain/invoice-uncollectible.posting';
export { invoiceVoided } from './domain/invoice-voided.posting';
export { reversalOf, type JournalDraft } from './domain/journal';
export { CLEARING_ACCOUNT, collectorOf, type Collector, type PostingRef } from './domain/posting';
export { depositReceived, payoutReserved } from './domain/payout.posting';
export { providerPayoutArrived, providerPayoutSent } from './domain/provider-payout.posting';
export { refundCreated } from './domain/refund-created.posting';
export { refundExchanged } from './domain/refund-exchanged.posting';
export { type CommissionTerms, type Store } from './domain/store-commission';
export { storeCommissionReturned, storeCommissionTaken } from './domain/store-commission.posting';
export {
  transferFunded,
  transferPaid,
  transferReturned,
  transferUnfunded,
  type TransferPosting,
} from './domain/transfer.posting';
export type { CreditBalance } from './journal.repository';
export { BalanceFold } from './balances/balance-fold.service';
export type { AccountBalance } from './reads/balances.repository';
export { revenueReleased } from './domain/revenue-released.posting';
export { FORMATS, LedgerExports, REPORTS, type ExportRequest } from './exports/ledger-exports.service';
export type { CheckContext, Finding, LedgerCheck } from './integrity/ledger-check';
export { LedgerChecks } from './integrity/ledger-checks';
export { SealChain } from './integrity/seal-chain.service';
export { SealFileCheck, SealFileError } from './integrity/seal-file-check.service';
export { Sealing, type Sealed } from './integrity/sealing.service';
export { LedgerModule } from './ledger.module';
export { LedgerService } from './ledger.service';
