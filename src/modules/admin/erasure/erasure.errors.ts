import { business, conflict, type AppError } from '../../../shared/app-error';

export const subscriptionRunning = (subscriptionId: string): AppError =>
  business('CUSTOMER_HAS_SUBSCRIPTION', 'The subscription must be canceled and over before its customer is erased', {
    subscriptionId,
  });

export const invoiceOpen = (invoiceId: string): AppError =>
  business('CUSTOMER_OWES', 'The open invoice must be paid, voided or given up before its customer is erased', {
    invoiceId,
  });

/** Article 17(3)(e) of the GDPR: what is needed to defend a claim is kept as long as the claim is open. */
export const disputeOpen = (disputeId: string): AppError =>
  business('CUSTOMER_IN_DISPUTE', 'The dispute must be over before its customer is erased', { disputeId });

export const payoutOpen = (payoutId: string): AppError =>
  business('CUSTOMER_IS_PAID', 'The payout to this customer must have come to its end before he is erased', {
    payoutId,
  });

export const customerBusy = (): AppError =>
  conflict('CUSTOMER_BUSY', 'Something of this customer is still being worked on; try again in a moment');
