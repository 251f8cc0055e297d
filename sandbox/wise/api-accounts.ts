import { forbidden, problems } from './api-error';
import { numberIn, type Call, type Routes } from './call';
import { createAccount, type AccountInput } from './recipients';
import type { AccountRecord } from './state';
import { accountShown, oldAccountShown } from './wire';

const PAGE = 20;

interface ListQuery {
  readonly profileId?: number;
  readonly profile?: number;
  readonly currency?: string;
  readonly active?: boolean;
  readonly type?: string;
  readonly ownedByCustomer?: boolean;
  readonly size?: number;
  readonly seekPosition?: number | null;
}

function accountOf({ wise, ids }: Call): AccountRecord {
  return wise.book.account(numberIn(ids, 'accountId'));
}

function matching({ wise, query }: Call): AccountRecord[] {
  const { profileId, profile, currency, active, type, ownedByCustomer } = query as ListQuery;
  const isOurs = [profileId, profile].every((one) => one === undefined || one === wise.book.profileId);
  return [...wise.book.accounts.values()].filter(
    (one) =>
      isOurs &&
      (currency ?? one.currency) === one.currency &&
      (active ?? one.active) === one.active &&
      (type ?? one.type) === one.type &&
      (ownedByCustomer ?? one.ownedByCustomer) === one.ownedByCustomer,
  );
}

/** A page begins at the id that the one before has named; the last one names 0. */
function listed(call: Call): object {
  const { size = PAGE, seekPosition } = call.query as ListQuery;
  const from = seekPosition ?? 0;
  const rest = matching(call).filter(({ id }) => id >= from);
  const page = rest.slice(0, size);
  return {
    content: page.map((one) => accountShown(call.wise.book, one)),
    ...{ seekPositionForNext: rest[page.length]?.id ?? 0, seekPositionForCurrent: page[0]?.id ?? 0 },
    ...{ sort: { empty: true, sorted: false, unsorted: true }, size },
  };
}

export const accountRoutes: Routes = {
  'POST /v1/accounts': ({ wise, body, now }) => {
    const input = body as AccountInput;
    if (input.profile !== undefined && input.profile !== wise.book.profileId)
      throw forbidden(new Date(now).toISOString());
    return accountShown(wise.book, createAccount(wise.book, input));
  },
  'GET /v1/accounts': (call) =>
    matching(call)
      .filter(({ active }) => active)
      .map((one) => oldAccountShown(call.wise.book, one)),
  'GET /v1/accounts/{accountId}': (call) => oldAccountShown(call.wise.book, accountOf(call)),
  'GET /v2/accounts': listed,
  'GET /v2/accounts/{accountId}': (call) => accountShown(call.wise.book, accountOf(call)),
  'DELETE /v2/accounts/{accountId}': (call) => {
    const account = accountOf(call);
    if (!account.active) throw problems(403, { code: 'recipient.inactive', message: 'Recipient is not active' });
    account.active = false;
    return accountShown(call.wise.book, account);
  },
};
