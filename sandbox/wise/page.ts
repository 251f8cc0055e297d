import type { FastifyInstance } from 'fastify';
import { buttonsOf, momentOf, registerProviderPage } from '../control/provider-page';
import { html, type Html } from '../stripe/pages/html';
import { badge } from '../stripe/pages/layout';
import { table } from '../stripe/pages/table';
import type { World } from '../world';
import { toMajor, toMinor } from './currencies';
import type { WiseWorld } from './index';
import { balanceOption } from './quotes';
import {
  WiseSandboxError,
  type BalanceRecord,
  type MovementRecord,
  type TransferRecord,
  type TransferState,
  type WiseEvent,
  type WisePolicy,
} from './state';
import { MOVES } from './transfers';

const PATH = '/sandbox/wise';
const button = buttonsOf(PATH);

/** What people would call a step. */
const STEPS: Readonly<Record<TransferState, string>> = {
  incoming_payment_waiting: 'Wait for the payment',
  processing: 'Process',
  funds_converted: 'Convert',
  outgoing_payment_sent: 'Pay out',
  bounced_back: 'Bounce',
  cancelled: 'Cancel',
  funds_refunded: 'Refund',
  charged_back: 'Charge back',
};

/** Wise at `/sandbox/wise`: balances, transfers, and what its people and its clients' people do. */
export function registerWisePage(app: FastifyInstance, world: () => World): void {
  registerProviderPage(app, world, {
    ...{ path: PATH, title: 'Wise', heading: 'Wise, played locally' },
    panels: {
      balances: 'Balances',
      policy: 'Policy',
      transfers: 'Transfers',
      movements: 'Movements',
      events: 'Webhooks',
    },
    render: ({ wise }) => html`
      ${topUpPanel()} ${balances([...wise.book.balances.values()])} ${policyPanel(wise.book.policy)} ${transfers(wise)}
      ${movements([...wise.book.movements].reverse())} ${events([...wise.book.events.values()].reverse())}
    `,
    forms: {
      top_up: ({ wise }, { currency = '', amount = '' }) => {
        const minor = /^[A-Z]{3}$/.test(currency) && amount !== '' ? toMinor(Number(amount), currency) : null;
        if (minor === null) throw new WiseSandboxError('That is no amount of this currency.');
        wise.balances.topUp(wise.balances.open(currency, wise.now()), minor, wise.now());
      },
    },
    act,
    isTold: (error) => error instanceof WiseSandboxError,
  });
}

function act({ wise }: World, id: string, name: string, form: Readonly<Record<string, string>>): void {
  const { book } = wise;
  if (name === 'policy') {
    if (id === 'authentication') book.policy.strongAuthentication = !book.policy.strongAuthentication;
    else if (id === 'rejection')
      book.policy.rejectFunding = book.policy.rejectFunding === null ? 'transfer.rejected' : null;
    else if (id === 'progress') book.policy.progresses = !book.policy.progresses;
    else throw new WiseSandboxError(`There is no policy of ${id}.`, 404);
    return;
  }
  const transfer = book.transfers.get(Number(id));
  if (!transfer) throw new WiseSandboxError(`There is no transfer ${id}.`, 404);
  const state = Object.keys(STEPS).find((one) => one === form['state']) as TransferState | undefined;
  if (name === 'fund') wise.transfers.fundByHand(transfer, wise.now());
  else if (name === 'state' && state) wise.transfers.move(transfer, state, wise.now());
  else throw new WiseSandboxError(`There is no ${name}.`, 404);
}

function topUpPanel(): Html {
  return html`<section class="panel" aria-labelledby="top-up">
    <h2 id="top-up">Top up</h2>
    <form method="post" action="${PATH}/top_up">
      <div class="field">
        <label for="currency">Currency</label>
        <input type="text" id="currency" name="currency" value="USD" autocomplete="off" maxlength="3" />
      </div>
      <div class="field">
        <label for="amount">Amount</label>
        <input type="text" id="amount" name="amount" inputmode="decimal" autocomplete="off" placeholder="1000.00" />
      </div>
      <button>Top up</button>
    </form>
  </section>`;
}

const money = (minor: number, currency: string): string => `${toMajor(minor, currency)} ${currency}`;

function balances(all: readonly BalanceRecord[]): Html {
  return table(
    'balances',
    'Balances',
    ['Balance', 'Amount', 'Moved'],
    all,
    ({ id, amount, currency, modifiedAt }) =>
      html`<tr>
        <td><code>${id}</code></td>
        <td class="number">${money(amount, currency)}</td>
        <td>${momentOf(modifiedAt)}</td>
      </tr>`,
  );
}

function policyPanel({ strongAuthentication, rejectFunding, progresses }: WisePolicy): Html {
  return html`<section class="panel" aria-labelledby="policy">
    <h2 id="policy">Policy</h2>
    <p>
      ${badge(strongAuthentication ? 'strong authentication' : 'token is enough')}
      ${badge(rejectFunding === null ? 'funding accepted' : 'funding rejected')}
      ${badge(progresses ? 'transfers go on' : 'transfers stand still')}
    </p>
    <div class="stack">
      ${button('authentication', 'policy', strongAuthentication ? 'Let the token be enough' : 'Ask for strong authentication')}
      ${button('rejection', 'policy', rejectFunding === null ? 'Reject every funding' : 'Accept fundings')}
      ${button('progress', 'policy', progresses ? 'Let transfers stand still' : 'Let transfers go on')}
    </div>
  </section>`;
}

function transfers({ book }: WiseWorld): Html {
  const all = [...book.transfers.values()].reverse();
  return table('transfers', 'Transfers', ['Transfer', 'Status', 'Amount', 'Recipient', ''], all, (one) => {
    const quote = book.quote(one.quoteId);
    const { targetAmount } = balanceOption(quote);
    return html`<tr>
      <td><code>${one.id}</code><br /><code class="soft">${one.customerTransactionId}</code></td>
      <td>${badge(one.state)} ${one.payment === null && badge('not paid')}</td>
      <td class="number">${money(targetAmount, quote.target)}</td>
      <td>${book.account(one.targetAccount).name}</td>
      <td>${stepsOf(one)}</td>
    </tr>`;
  });
}

function stepsOf({ id, state, payment }: TransferRecord): Html[] {
  const isPaid = payment !== null;
  const steps = MOVES[state].filter((next) => isPaid || next === 'cancelled');
  const pay = !isPaid && state === 'incoming_payment_waiting' ? [button(id, 'fund', 'Pay by hand')] : [];
  return [...pay, ...steps.map((next) => button(id, 'state', STEPS[next], { state: next }))];
}

function movements(all: readonly MovementRecord[]): Html {
  return table(
    'movements',
    'Movements',
    ['Reference', 'Kind', 'Amount', 'Fee', 'Happened'],
    all,
    ({ reference, kind, amount, fee, currency, at }) =>
      html`<tr>
        <td><code>${reference}</code></td>
        <td>${kind}</td>
        <td class="number">${money(amount, currency)}</td>
        <td class="number">${money(fee, currency)}</td>
        <td>${momentOf(at)}</td>
      </tr>`,
  );
}

function events(all: readonly WiseEvent[]): Html {
  return table(
    'events',
    'Webhooks',
    ['Event', 'Type', 'Happened'],
    all,
    ({ id, type, testOf, at }) =>
      html`<tr>
        <td><code>${id}</code></td>
        <td>${testOf === null ? type : 'test notification'}</td>
        <td>${momentOf(at)}</td>
      </tr>`,
  );
}
