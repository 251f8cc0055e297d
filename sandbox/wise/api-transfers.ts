import { problems } from './api-error';
import { numberIn, type Call, type Routes } from './call';
import { payable } from './recipients';
import { WiseSandboxError, type TransferRecord, type TransferState } from './state';
import { referenceLimit, type TransferInput } from './transfers';
import { paymentsShown, transferShown } from './wire';

const PAGE = 100;
const SIMULATED: readonly TransferState[] = [
  'processing',
  'funds_converted',
  'outgoing_payment_sent',
  'bounced_back',
  'funds_refunded',
];

interface ListQuery {
  readonly profile?: number;
  readonly status?: string;
  readonly sourceCurrency?: string;
  readonly targetCurrency?: string;
  readonly createdDateStart?: string;
  readonly createdDateEnd?: string;
  readonly limit?: number;
  readonly offset?: number;
}

function transferOf({ wise, ids }: Call): TransferRecord {
  return wise.book.transfer(numberIn(ids, 'transferId'));
}

const shown = ({ wise }: Call, transfer: TransferRecord): object => transferShown(wise.book, transfer);

/** Newest first. */
function listed(call: Call): object {
  const { book } = call.wise;
  const { profile, status, limit = PAGE, offset = 0, ...query } = call.query as ListQuery;
  const states = status?.split(',');
  const [from, to] = [Date.parse(query.createdDateStart ?? ''), Date.parse(query.createdDateEnd ?? '')];
  const all = [...book.transfers.values()].filter((one) => {
    const { source, target } = book.quote(one.quoteId);
    return (
      (profile ?? book.profileId) === book.profileId &&
      (states?.includes(one.state) ?? true) &&
      (query.sourceCurrency ?? source) === source &&
      (query.targetCurrency ?? target) === target &&
      !(one.createdAt < from || one.createdAt > to)
    );
  });
  const page = all.reverse().slice(offset, offset + limit);
  return page.map((one) => transferShown(book, one));
}

function requirements(call: Call): object {
  const { targetAccount, quoteUuid } = call.body as TransferInput;
  const { book } = call.wise;
  const account = payable(book, targetAccount, book.quote(quoteUuid.toLowerCase()).target);
  const field = {
    ...{
      key: 'reference',
      name: 'Transfer reference',
      type: 'text',
      refreshRequirementsOnChange: false,
      required: false,
    },
    ...{ displayFormat: null, example: null, minLength: null, maxLength: referenceLimit(account.type) },
    ...{ validationRegexp: null, validationAsync: null, valuesAllowed: null },
  };
  return [{ type: 'transfer', fields: [{ name: 'Transfer reference', group: [field] }] }];
}

/** What Wise's own sandbox has, to see a transfer move. */
function simulated(call: Call): object {
  const transfer = transferOf(call);
  const state = SIMULATED.find((one) => one === call.ids['status']);
  if (!state)
    throw problems(400, { code: 'bad.request', message: `There is no ${call.ids['status'] ?? ''} to simulate` });
  try {
    // Paid for, a transfer is processed at once; asking for it once more is what Wise wants.
    if (transfer.state !== state) call.wise.transfers.move(transfer, state, call.now);
  } catch (error) {
    if (!(error instanceof WiseSandboxError)) throw error;
    throw problems(409, { code: 'transfer.state.invalid', message: error.message });
  }
  return shown(call, transfer);
}

export const transferRoutes: Routes = {
  'POST /v1/transfers': (call) => shown(call, call.wise.transfers.create(call.body as TransferInput, call.now)),
  'GET /v1/transfers': listed,
  'GET /v1/transfers/{transferId}': (call) => shown(call, transferOf(call)),
  'PUT /v1/transfers/{transferId}/cancel': (call) => {
    const transfer = transferOf(call);
    call.wise.transfers.cancel(transfer, call.now);
    return shown(call, transfer);
  },
  'GET /v1/transfers/{transferId}/payments': (call) => paymentsShown(transferOf(call)),
  'POST /v1/transfer-requirements': requirements,
  'POST /v3/profiles/{profileId}/transfers/{transferId}/payments': (call) => {
    const { type } = call.body as { type: string };
    const errorCode = call.wise.transfers.fund(transferOf(call), type, call.now);
    return { type, status: errorCode === null ? 'COMPLETED' : 'REJECTED', errorCode };
  },
  'GET /v1/simulation/transfers/{transferId}/{status}': simulated,
};
