import { readFileSync } from 'node:fs';
import { deriveStripeSchema, render, SCHEMA_FILE } from './derive-stripe-schema';

describe('the committed Stripe schema', () => {
  it('is what the installed stripe package derives to', async () => {
    const derived = render(await deriveStripeSchema());
    // Compared as a whole first: a difference of 200 KB is of no use to a reader.
    expect(derived === readFileSync(SCHEMA_FILE, 'utf8')).toBe(true);
  }, 60_000);
});
