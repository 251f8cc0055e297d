/** What some test cards bring upon a payment that has succeeded. */
import { sequelOf } from './card-sequels';
import type { SandboxContext } from './context';
import { openDispute } from './disputes';
import { warnOfFraud } from './fraud';
import type { ChargeObject } from './wire';

const RESPONSE_DAYS = 9;

/** Disputes and warnings, as soon as the payment is done. */
export function sufferAftermath(ctx: SandboxContext, charge: ChargeObject): void {
  const { dispute, inquiry = false, warning = false } = sequelOf(charge);
  if (warning) warnOfFraud(ctx, charge, 'made_with_stolen_card');
  if (dispute !== undefined) openDispute(ctx, charge, { reason: dispute, inquiry, dueInDays: RESPONSE_DAYS });
}
