/** A card as somebody types it on a page. */
import { findTestCard, type TestCard } from './cards';

/** Why a card did not do, for a page to show. */
export interface CardFailure {
  readonly code: string;
  readonly declineCode: string;
  readonly message: string;
}

/** The test card of that number or token; only Stripe's test cards exist here. */
export function cardOf(input: string): { card: TestCard } | { failure: CardFailure } {
  const card = findTestCard(input.trim());
  if (card !== undefined) return { card };
  return {
    failure: {
      code: 'incorrect_number',
      declineCode: 'incorrect_number',
      message: 'Your card number is incorrect.',
    },
  };
}
