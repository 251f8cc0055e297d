import type { FastifyInstance, FastifyReply } from 'fastify';
import { decodeForm } from '../stripe/http/form';
import { moment } from '../stripe/pages/format';
import { html, type Html } from '../stripe/pages/html';
import { badge, notice, page, sendPage } from '../stripe/pages/layout';
import { table } from '../stripe/pages/table';
import type { World } from '../world';
import { ACTIONS, type ActionInput } from './actions';
import type { AppleWorld } from './index';
import { AppleSandboxError, type SubscriptionRecord } from './state';
import type { Notification, TransactionInfo } from './wire';

const STATUS = { 1: 'active', 2: 'expired', 3: 'billing retry', 4: 'grace period', 5: 'revoked' } as const;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The App Store at `/sandbox/apple`: buy, and everything that happens to a purchase afterwards. */
export function registerApplePage(app: FastifyInstance, world: () => World): void {
  app.get('/sandbox/apple', (_request, reply) => sendPage(reply, dashboard(world())));
  app.post<{ Body: string | undefined }>('/sandbox/apple/buy', ({ body }, reply) =>
    attempt(world(), reply, () => {
      const form = decodeForm(body ?? '');
      const token = field(form, 'appAccountToken');
      if (token !== '' && !UUID.test(token)) throw new AppleSandboxError('The account token is a UUID.');
      const bought = { productId: field(form, 'productId'), ...(token !== '' && { appAccountToken: token }) };
      world().runDueWork();
      world().apple.store.buy(bought, world().apple.now());
    }),
  );
  app.post<{ Params: { id: string; action: string }; Body: string | undefined }>(
    '/sandbox/apple/do/:id/:action',
    ({ params, body }, reply) =>
      attempt(world(), reply, () => {
        const action = ACTIONS[params.action];
        if (!action) throw new AppleSandboxError(`There is no ${params.action}.`, 404);
        world().runDueWork();
        action.run(world().apple, params.id, inputOf(decodeForm(body ?? '')));
      }),
  );
}

function attempt(world: World, reply: FastifyReply, work: () => void): FastifyReply {
  try {
    work();
    return reply.redirect('/sandbox/apple', 303);
  } catch (error) {
    if (!(error instanceof AppleSandboxError)) throw error;
    return sendPage(reply, dashboard(world, error.message), error.status);
  }
}

function field(form: Readonly<Record<string, unknown>>, name: string): string {
  const value = form[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** Forms send text; the actions want numbers and truths. */
function inputOf(form: Readonly<Record<string, unknown>>): ActionInput {
  const values = Object.keys(form).map((name) => [name, valueOf(field(form, name))]);
  return Object.fromEntries(values) as ActionInput;
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

function dashboard(world: World, problem?: string): Html {
  const { apple } = world;
  const { book } = apple;
  const body = html`
    <h1>The App Store, played locally</h1>
    <nav class="top" aria-label="On this page">
      <a href="#buy">Buy</a><a href="#subscriptions">Subscriptions</a><a href="#transactions">Transactions</a>
      <a href="#notifications">Notifications</a><a href="/sandbox">Clock and Stripe</a>
    </nav>
    ${problem !== undefined && notice('error', problem)} ${buyPanel(apple)}
    ${subscriptions([...book.subscriptions.values()].reverse())}
    ${transactions([...book.transactions.values()].reverse())}
    ${notifications([...book.notifications.values()].reverse())}
  `;
  return page('App Store', 'dashboard', body);
}

function buyPanel({ book }: AppleWorld): Html {
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

/** A button that does one thing to a purchase. */
function button(id: string, action: string, label: string, fields: Readonly<Record<string, string>> = {}): Html {
  return html`<form method="post" action="/sandbox/apple/do/${id}/${action}">
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button class="plain" aria-label="${label} ${id}">${label}</button>
  </form>`;
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
      <td><time>${moment(Math.floor(record.expiresDate / 1000))}</time></td>
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
      <td><time>${moment(Math.floor(one.purchaseDate / 1000))}</time></td>
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
        <td><time>${moment(Math.floor(one.signedDate / 1000))}</time></td>
      </tr>`,
  );
}
