import { business, validation, type AppError } from '../../../shared/app-error';

/** Tax is due where the customer is, and nobody knows where that is. */
export const taxAddressRequired = (): AppError =>
  business('TAX_ADDRESS_REQUIRED', 'Tax depends on where you are: give a billing address first', {
    put: '/v1/billing/details',
  });

/** @param index in the request's list. Its value is personal, and so not repeated. */
export const malformedTaxId = (type: string, index: number): AppError =>
  validation('TAX_ID_INVALID', 'This is no tax id of its kind', { type, field: `taxIds.${index}.value` });
