import type { Call, Routes } from './call';
import { createQuote, updateQuote, type QuoteInput } from './quotes';
import { requirementsOf, type AccountInput } from './recipients';
import type { QuoteRecord } from './state';
import { quoteShown } from './wire';

function quoteOf({ wise, ids }: Call): QuoteRecord {
  return wise.book.quote((ids['quoteId'] ?? '').toLowerCase());
}

export const quoteRoutes: Routes = {
  'POST /v3/profiles/{profileId}/quotes': ({ wise, body, now }) =>
    quoteShown(wise.book, createQuote(wise.book, body as QuoteInput, now), now),
  'GET /v3/profiles/{profileId}/quotes/{quoteId}': (call) => quoteShown(call.wise.book, quoteOf(call), call.now),
  'PATCH /v3/profiles/{profileId}/quotes/{quoteId}': (call) => {
    const { book } = call.wise;
    return quoteShown(book, updateQuote(book, quoteOf(call), call.body as Partial<QuoteInput>, call.now), call.now);
  },
  'GET /v1/quotes/{quoteId}/account-requirements': (call) => requirementsOf(quoteOf(call).target),
  'POST /v1/quotes/{quoteId}/account-requirements': (call) =>
    requirementsOf(quoteOf(call).target, call.body as AccountInput),
};
