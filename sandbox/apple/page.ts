import type { FastifyInstance } from 'fastify';
import { buttonsOf, inputOf, momentOf, registerProviderPage } from '../control/provider-page';
import { html, type Html } from '../stripe/pages/html';
import { badge } from '../stripe/pages/layout';
import { table } from '../stripe/pages/table';
import type { World } from '../world';
import { ACTIONS } from './actions';
import type { AppleBook } from './book';
import { AppleSandboxError, type SubscriptionRecord } from './state';
import type { Notification, TransactionInfo } from './wire';

const STATUS = { 1: 'active', 2: 'expired', 3: 'billing retry', 4: 'grace period', 5: 'revoked' } as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const PATH = '/sandbox/apple';
const button = buttonsOf(PATH);

/** The App Store at `/sandbox/apple`: buy, and everything that happens to a purchase afterwards. */
export function registerApplePage(app: FastifyInstance, world: () => World): void {
  registerProviderPage(app, world, {
    ...{ path: PATH, title: 'App Store', heading: 'The App Store, played locally' },
    panels: {
      buy: 'Buy',
      subscriptions: 'Subscriptions',
      transactions: 'Transactions',
      notifications: 'Notifications',
    },
    render: ({ apple: { book } }) => html`
      ${buyPanel(book)} ${subscriptions([...book.subscriptions.values()].reverse())}
      ${transactions([...book.transactions.values()].reverse())}
      ${notifications([...book.notifications.values()].reverse())}
    `,
    forms: {
      buy: ({ apple }, { productId = '', appAccountToken: token = '' }) => {
        if (token !== '' && !UUID.test(token)) throw new AppleSandboxError('The account token is a UUID.');
        apple.store.buy({ productId, ...(token !== '' && { appAccountToken: token }) }, apple.now());
      },
    },
    act: ({ apple }, id, name, form) => {
      const action = ACTIONS[name];
      if (!action) throw new AppleSandboxError(`There is no ${name}.`, 404);
      action.run(apple, id, inputOf(form));
    },
    isTold: (error) => error instanceof AppleSandboxError,
  });
}

function buyPanel(book: AppleBook): Html {
  return html`<section class="panel" aria-labelledby="buy">
    <h2 id="buy">Buy</h2>
    <form method="post" action="/sandbox/apple/buy">
      <div>
        <label for="productId">Product</label>
        <select id="productId" name="productId">
          ${book.products().map(({ productId }) => html`<option value="${productId}">${productId}</option>`)}
        </select>
      </div>
      <div>
        <label for="appAccountToken">Account token</label>
        <input
          id="appAccountToken"
          name="appAccountToken"
          autocomplete="off"
          placeholder="UUID from GET /iap/identity"
        />
      </div>
      <button>Buy</button>
    </form>
  </section>`;
}

function subscriptions(all: readonly SubscriptionRecord[]): Html {
  const heads = ['Subscription', 'Status', 'Product', 'Expires', ''];
  return table('subscriptions', 'Subscriptions', heads, all, (record) => {
    const { originalTransactionId: id, autoRenew, pays, ownership, increase } = record;
    const lives = record.status !== 2 && record.status !== 5;
    return html`<tr>
      <td><code>${id}</code><br /><code class="soft">${record.appAccountToken ?? record.account}</code></td>
      <td>
        ${badge(STATUS[record.status])} ${lives && !autoRenew && badge('ends')} ${!pays && badge('card declines')}
      </td>
      <td>${record.productId}</td>
      <td>${momentOf(record.expiresDate)}</td>
      <td>
        ${lives && button(id, 'auto_renew', autoRenew ? 'Cancel' : 'Renew again', { on: String(!autoRenew) })}
        ${lives && button(id, 'payment', pays ? 'Decline payments' : 'Pay again', { works: String(!pays) })}
        ${increase?.consented === false && button(id, 'consent', 'Consent to the price')}
        ${ownership === 'FAMILY_SHARED' && lives && button(id, 'revoke', 'Stop sharing')}
      </td>
    </tr>`;
  });
}

function transactions(all: readonly TransactionInfo[]): Html {
  const heads = ['Transaction', 'Product', 'Amount', 'Bought', ''];
  return table('transactions', 'Transactions', heads, all, (one) => {
    const { transactionId: id, revocationDate } = one;
    return html`<tr>
      <td><code>${id}</code> ${one.isUpgraded === true && badge('upgraded')}</td>
      <td>${one.productId}</td>
      <td class="number">${one.price / 1000} ${one.currency}</td>
      <td>${momentOf(one.purchaseDate)}</td>
      <td>
        ${revocationDate === undefined ? button(id, 'refund', 'Refund') : button(id, 'refund_reversed', 'Reverse refund')}
      </td>
    </tr>`;
  });
}

function notifications(all: readonly Notification[]): Html {
  const heads = ['Notification', 'Type', 'Signed'];
  return table(
    'notifications',
    'Notifications',
    heads,
    all,
    (one) =>
      html`<tr>
        <td><code>${one.id}</code></td>
        <td>${one.notificationType} ${one.subtype ?? ''}</td>
        <td>${momentOf(one.signedDate)}</td>
      </tr>`,
  );
}
