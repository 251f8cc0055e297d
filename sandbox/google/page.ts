import type { FastifyInstance, FastifyReply } from 'fastify';
import { decodeForm } from '../stripe/http/form';
import { moment } from '../stripe/pages/format';
import { html, type Html } from '../stripe/pages/html';
import { badge, notice, page, sendPage } from '../stripe/pages/layout';
import { table } from '../stripe/pages/table';
import type { World } from '../world';
import { ACTIONS, type ActionInput } from './actions';
import type { GoogleWorld } from './index';
import { refOf } from './products';
import { GoogleSandboxError, type OrderRecord, type ProductRecord, type Push, type SubscriptionRecord } from './state';

/** Google Play at `/sandbox/google`: buy, and everything that happens to a purchase afterwards. */
export function registerGooglePage(app: FastifyInstance, world: () => World): void {
  app.get('/sandbox/google', (_request, reply) => sendPage(reply, dashboard(world())));
  app.post<{ Body: string | undefined }>('/sandbox/google/buy', ({ body }, reply) =>
    attempt(world(), reply, () => {
      const form = decodeForm(body ?? '');
      const account = field(form, 'obfuscatedAccountId');
      if (account.length > 64) throw new GoogleSandboxError('An account id has at most 64 characters.');
      const bought = { product: field(form, 'product'), ...(account !== '' && { obfuscatedAccountId: account }) };
      world().runDueWork();
      world().google.store.buy(bought, world().google.now());
    }),
  );
  app.post<{ Params: { id: string; action: string }; Body: string | undefined }>(
    '/sandbox/google/do/:id/:action',
    ({ params, body }, reply) =>
      attempt(world(), reply, () => {
        const action = ACTIONS[params.action];
        if (!action) throw new GoogleSandboxError(`There is no ${params.action}.`, 404);
        world().runDueWork();
        action.run(world().google, params.id, inputOf(decodeForm(body ?? '')));
      }),
  );
}

function attempt(world: World, reply: FastifyReply, work: () => void): FastifyReply {
  try {
    work();
    return reply.redirect('/sandbox/google', 303);
  } catch (error) {
    if (!(error instanceof GoogleSandboxError)) throw error;
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
  const { google } = world;
  const { book } = google;
  const body = html`
    <h1>Google Play, played locally</h1>
    <nav class="top" aria-label="On this page">
      <a href="#buy">Buy</a><a href="#subscriptions">Subscriptions</a><a href="#purchases">Purchases</a>
      <a href="#orders">Orders</a><a href="#pushes">Pushes</a><a href="/sandbox">Clock and Stripe</a>
    </nav>
    ${problem !== undefined && notice('error', problem)} ${buyPanel(google)}
    ${subscriptions([...book.subscriptions.values()].reverse())} ${purchases([...book.purchases.values()].reverse())}
    ${orders([...book.orders.values()].reverse())} ${pushes([...book.pushes.values()].reverse())}
  `;
  return page('Google Play', 'dashboard', body);
}

function buyPanel({ book }: GoogleWorld): Html {
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

/** A button that does one thing to a purchase. */
function button(id: string, action: string, label: string, fields: Readonly<Record<string, string>> = {}): Html {
  return html`<form method="post" action="/sandbox/google/do/${id}/${action}">
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <button class="plain" aria-label="${label} ${id.slice(0, 24)}">${label}</button>
  </form>`;
}

const short = (token: string): string => `${token.slice(0, 24)}…`;
const at = (ms: number): Html => html`<time>${moment(Math.floor(ms / 1000))}</time>`;

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
      <td>${at(record.expiryTime)}</td>
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
      <td>${at(order.createdAt)}</td>
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
        <td>${at(one.at)}</td>
      </tr>`,
  );
}
