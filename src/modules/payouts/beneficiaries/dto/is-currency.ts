import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn } from 'class-validator';
import { isCurrency } from '../../../../shared/currency';
import { CURRENCY_DECIMALS } from '../../../../shared/currency-table';

/** Lower case is accepted, as everywhere. */
export const IsCurrency = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && isCurrency(value.toUpperCase()) ? value.toUpperCase() : value,
    ),
    IsIn(Object.keys(CURRENCY_DECIMALS), { message: '$property must be a currency of ISO 4217' }),
  );
