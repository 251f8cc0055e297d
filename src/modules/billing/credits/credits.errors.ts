import { business, type AppError } from '../../../shared/app-error';

/** A customer's credit is kept in the one currency he is billed in. */
export const otherCurrency = (currency: string, customerCurrency: string): AppError =>
  business('CURRENCY_NOT_THE_CUSTOMERS', 'The customer is billed in another currency', { currency, customerCurrency });
