import { forbidden, problems, refused } from './api-error';
import { numberIn, type Call, type Routes } from './call';
import { toMajor, toMinor } from './currencies';
import type { BalanceRecord } from './state';
import { statementOf, type StatementQuery } from './statement';
import { approval } from './transfers';
import { balanceShown } from './wire';

interface TopUp {
  readonly profileId: number;
  readonly balanceId: number;
  readonly currency: string;
  readonly amount: number;
}

function balanceOf({ wise, ids }: Call): BalanceRecord {
  return wise.book.balance(numberIn(ids, 'balanceId'));
}

function topUp({ wise, body, now }: Call): object {
  const { profileId, balanceId, currency, amount } = body as TopUp;
  if (profileId !== wise.book.profileId) throw forbidden(new Date(now).toISOString());
  const balance = wise.book.balance(balanceId);
  if (balance.currency !== currency) throw refused('not.valid', `The balance is in ${balance.currency}`, 'currency');
  const minor = toMinor(amount, currency);
  if (minor === null || minor <= 0)
    throw problems(400, { code: 'not.valid', message: 'must be an amount', path: 'amount' });
  const { id } = wise.balances.topUp(balance, minor, now);
  const after = { id: balanceId, value: toMajor(balance.amount, currency), currency };
  return { transactionId: id, state: 'COMPLETED', balancesAfter: [after] };
}

export const balanceRoutes: Routes = {
  'GET /v4/profiles/{profileId}/balances': ({ wise, query }) =>
    String(query['types']).split(',').includes('STANDARD') ? [...wise.book.balances.values()].map(balanceShown) : [],
  'GET /v4/profiles/{profileId}/balances/{balanceId}': (call) => balanceShown(balanceOf(call)),
  'GET /v1/profiles/{profileId}/balance-statements/{balanceId}/statement.json': (call) => {
    const { strongAuthentication, statementAuthentication } = call.wise.book.policy;
    if (strongAuthentication || statementAuthentication) throw approval(call.wise.book.newUuid(), call.now);
    return statementOf(call.wise.book, balanceOf(call), call.query as unknown as StatementQuery);
  },
  'POST /v1/simulation/balance/topup': topUp,
};
