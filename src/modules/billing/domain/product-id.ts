/** A plan's product at Stripe, by an id of our choosing: whoever makes it first, it is made once. */
export function productIdOf(planCode: string): string {
  return `kassa_${planCode.toLowerCase()}`;
}
