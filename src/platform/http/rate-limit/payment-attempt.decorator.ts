import { SetMetadata } from '@nestjs/common';

export const PAYMENT_ATTEMPT = 'kassa:payment-attempt';

/** The route may try to charge: the strict limit counts besides the general one (card testing is an attack). */
export const PaymentAttempt = () => SetMetadata(PAYMENT_ATTEMPT, true);

export const UNLIMITED = 'kassa:unlimited';

/** Health and metrics: whoever watches the service must see it under load most of all. */
export const Unlimited = () => SetMetadata(UNLIMITED, true);
