import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { OriginInterceptor } from '../origin/origin.interceptor';

export const PAYMENT_ATTEMPT = 'kassa:payment-attempt';

/**
 * The route may try to charge or save a card: the strict limits count besides the general one (card testing is an attack),
 * and where the request came from is at hand below.
 */
export const PaymentAttempt = () =>
  applyDecorators(SetMetadata(PAYMENT_ATTEMPT, true), UseInterceptors(OriginInterceptor));

export const UNLIMITED = 'kassa:unlimited';

/** Health and metrics: whoever watches the service must see it under load most of all. */
export const Unlimited = () => SetMetadata(UNLIMITED, true);
