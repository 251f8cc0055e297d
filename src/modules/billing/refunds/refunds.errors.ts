import { business, notFound, type AppError } from '../../../shared/app-error';

export const paymentNotFound = (paymentId: string): AppError =>
  notFound('PAYMENT_NOT_FOUND', 'Payment not found', { paymentId: paymentId.slice(0, 64) });

export const notRefundable = (status: string): AppError =>
  business('PAYMENT_NOT_REFUNDABLE', 'Only a payment that succeeded can be refunded', { status });

export const boughtElsewhere = (provider: string): AppError =>
  business('PAYMENT_NOT_REFUNDABLE', 'Only the store where it was bought can refund this payment', { provider });

/** @param left what can still be refunded, minor units. */
export const refundTooMuch = (left: bigint): AppError =>
  business('REFUND_EXCEEDS_PAYMENT', 'More than is left of the payment', { refundable: Number(left) });

export const paymentDisputed = (): AppError =>
  business('PAYMENT_DISPUTED', 'A disputed payment cannot be refunded: its money is with the bank');
