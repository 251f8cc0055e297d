import type { FastifyInstance } from 'fastify';
import { buttonsOf, inputOf, momentOf, registerProviderPage } from '../control/provider-page';
import { html, type Html } from '../stripe/pages/html';
import { badge } from '../stripe/pages/layout';
import { table } from '../stripe/pages/table';
import type { World } from '../world';
import { ACTIONS } from './actions';
import type { GoogleBook } from './book';
import { refOf } from './products';
import { GoogleSandboxError, type OrderRecord, type ProductRecord, type Push, type SubscriptionRecord } from './state';

const PATH = '/sandbox/google';
const button = buttonsOf(PATH);

/** Google Play at `/sandbox/google`: buy, and everything that happens to a purchase afterwards. */
export function registerGooglePage(app: FastifyInstance, world: () => World): void {
  registerProviderPage(app, world, {
    ...{ path: PATH, title: 'Google Play', heading: 'Google Play, played locally' },
    panels: { buy: 'Buy', subscriptions: 'Subscriptions', purchases: 'Purchases', orders: 'Orders', pushes: 'Pushes' },
    render: ({ google: { book } }) => html`
      ${buyPanel(book)} ${subscriptions([...book.subscriptions.values()].reverse())}
      ${purchases([...book.purchases.values()].reverse())} ${orders([...book.orders.values()].reverse())}
      ${pushes([...book.pushes.values()].reverse())}
    `,
    forms: {
      buy: ({ google }, { product = '', obfuscatedAccountId: account = '' }) => {
        if (account.length > 64) throw new GoogleSandboxError('An account id has at most 64 characters.');
        google.store.buy({ product, ...(account !== '' && { obfuscatedAccountId: account }) }, google.now());
      },
    },
    act: ({ google }, id, name, form) => {
      const action = ACTIONS[name];
      if (!action) throw new GoogleSandboxError(`There is no ${name}.`, 404);
      action.run(google, id, inputOf(form));
    },
    isTold: (error) => error instanceof GoogleSandboxError,
  });
}

function buyPanel(book: GoogleBook): Html {
  return html`<section class="panel" aria-labelledby="buy">
    <h2 id="buy">Buy</h2>
    <form method="post" action="/sandbox/google/buy">
      <div>
        <label for="product">Product</label>
        <select id="product" name="product">
          ${book.products().map((product) => html`<option value="${refOf(product)}">${refOf(product)}</option>`)}
        </select>
      </div>
      <div>
        <label for="obfuscatedAccountId">Obfuscated account id</label>
        <input
          id="obfuscatedAccountId"
          name="obfuscatedAccountId"
          autocomplete="off"
          placeholder="UUID from GET /iap/identity"
        />
      </div>
      <button>Buy</button>
    </form>
  </section>`;
}

const short = (token: string): string => `${token.slice(0, 24)}…`;

function subscriptions(all: readonly SubscriptionRecord[]): Html {
  const heads = ['Subscription', 'Status', 'Product', 'Expires', ''];
  return table('subscriptions', 'Subscriptions', heads, all, (record) => {
    const { token, state, pays, acknowledged, increase } = record;
    const lives = state !== 'EXPIRED' && state !== 'PENDING' && state !== 'PENDING_PURCHASE_CANCELED';
    return html`<tr>
      <td>
        <code>${short(token)}</code><br /><code class="soft">${record.obfuscatedAccountId ?? record.account}</code>
      </td>
      <td>
        ${badge(state.toLowerCase())} ${!pays && badge('card declines')} ${!acknowledged && badge('not acknowledged')}
      </td>
      <td>${record.productId}:${record.basePlanId}</td>
      <td>${momentOf(record.expiryTime)}</td>
      <td>
        ${state === 'PENDING' && button(token, 'pending', 'Pay', { paid: 'true' })}
        ${lives && !acknowledged && button(token, 'acknowledge', 'Acknowledge')}
        ${state === 'CANCELED' && button(token, 'restart', 'Restart')}
        ${lives && state !== 'CANCELED' && button(token, 'cancel', 'Cancel')}
        ${lives && button(token, 'payment', pays ? 'Decline payments' : 'Pay again', { works: String(!pays) })}
        ${state === 'ACTIVE' && button(token, 'pause', 'Pause for 30 days', { days: '30' })}
        ${state === 'PAUSED' && button(token, 'resume', 'Resume')}
        ${increase?.consented === false && button(token, 'consent', 'Consent to the price')}
        ${lives && button(token, 'revoke', 'Refund and revoke')}
      </td>
    </tr>`;
  });
}

function purchases(all: readonly ProductRecord[]): Html {
  return table('purchases', 'One-time purchases', ['Purchase', 'Status', 'Product', ''], all, (record) => {
    const { token, state, acknowledged, consumed } = record;
    return html`<tr>
      <td><code>${short(token)}</code></td>
      <td>
        ${badge(state.toLowerCase())} ${!acknowledged && badge('not acknowledged')} ${consumed && badge('consumed')}
      </td>
      <td>${record.productId} × ${record.quantity}</td>
      <td>
        ${state === 'PENDING' && button(token, 'pending', 'Pay', { paid: 'true' })}
        ${state === 'PENDING' && button(token, 'pending', 'Never pay', { paid: 'false' })}
        ${state === 'PURCHASED' && !acknowledged && button(token, 'acknowledge', 'Acknowledge')}
      </td>
    </tr>`;
  });
}

function orders(all: readonly OrderRecord[]): Html {
  return table('orders', 'Orders', ['Order', 'Status', 'Amount', 'Bought', ''], all, (order) => {
    const { orderId, state, total, currency } = order;
    const whole = state === 'PROCESSED' || state === 'PARTIALLY_REFUNDED';
    return html`<tr>
      <td><code>${orderId}</code></td>
      <td>${badge(state.toLowerCase())}</td>
      <td class="number">${total / 1000} ${currency}</td>
      <td>${momentOf(order.createdAt)}</td>
      <td>${whole && button(orderId, 'refund', 'Refund')}</td>
    </tr>`;
  });
}

function pushes(all: readonly Push[]): Html {
  return table(
    'pushes',
    'Pushes',
    ['Message', 'Type', 'Happened'],
    all,
    (one) =>
      html`<tr>
        <td><code>${one.id}</code></td>
        <td>${one.type}</td>
        <td>${momentOf(one.at)}</td>
      </tr>`,
  );
}
