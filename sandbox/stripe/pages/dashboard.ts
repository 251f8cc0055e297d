import type { FastifyInstance, FastifyReply } from 'fastify';
import type { World } from '../../world';
import { pagePaths } from '../contract';
import type { CustomerObject, InvoiceObject, SubscriptionObject } from '../engine/wire';
import { decodeForm } from '../http/form';
import type { Delivery } from '../../webhooks/deliverer';
import { day, moment, money } from './format';
import { moneyPanels, registerMoneyForms } from './dashboard-money';
import { html, type Html } from './html';
import { badge, notice, page, sendPage } from './layout';
import { table } from './table';

const DAY = 24 * 3600;
const STEPS = [
  ['1 hour', 3600],
  ['1 day', DAY],
  ['7 days', 7 * DAY],
  ['31 days', 31 * DAY],
] as const;

/** The dashboard at `/sandbox`: what there is, what was sent where, and the clock with a form to move it. */
export function registerDashboard(app: FastifyInstance, world: () => World): void {
  app.get('/sandbox', (_request, reply) => sendPage(reply, dashboard(world())));
  app.post<{ Body: string | undefined }>('/sandbox/dashboard/clock', ({ body }, reply) => {
    const to = target(decodeForm(body ?? ''), world().clock.now());
    if (typeof to === 'string') return sendPage(reply, dashboard(world(), to), 400);
    world().moveClock(to);
    return reply.redirect('/sandbox', 303);
  });
  registerMoneyForms(app, world, (reply, problem) => sendPage(reply, dashboard(world(), problem), 400));
  app.post<{ Params: { id: string } }>('/sandbox/dashboard/events/:id/redeliver', (request, reply): FastifyReply => {
    const event = world().events.get(request.params.id);
    if (!event) return sendPage(reply, dashboard(world(), `There is no event ${request.params.id}.`), 404);
    world().deliverer.redeliver(event, 1);
    return reply.redirect('/sandbox#deliveries', 303);
  });
}

/** The instant that a form asks for, or what is wrong with it. */
function target(form: Readonly<Record<string, unknown>>, now: number): number | string {
  if (typeof form['seconds'] === 'string' && /^\d{1,9}$/.test(form['seconds'])) return now + Number(form['seconds']);
  const at = typeof form['at'] === 'string' ? Date.parse(`${form['at']}Z`) / 1000 : NaN;
  if (Number.isNaN(at)) return 'That is not a date and time.';
  return at < now ? 'The clock only goes forward.' : Math.floor(at);
}

function dashboard(world: World, problem?: string): Html {
  const { engine, events, deliverer } = world;
  const list = <T>(type: string): T[] => [...engine.store.list(type)].reverse() as unknown as T[];
  const body = html`
    <h1>Stripe, played locally</h1>
    <nav class="top" aria-label="On this page">
      <a href="#customers">Customers</a><a href="#subscriptions">Subscriptions</a><a href="#invoices">Invoices</a>
      <a href="#payments">Payments</a><a href="#refunds">Refunds</a><a href="#disputes">Disputes</a>
      <a href="#payouts">Payouts</a><a href="#events">Events</a><a href="#deliveries">Deliveries</a>
      <a href="/sandbox/apple">App Store</a><a href="/sandbox/google">Google Play</a><a href="/sandbox/wise">Wise</a>
    </nav>
    ${problem !== undefined && notice('error', problem)} ${clockPanel(world)}
    ${customers(list<CustomerObject>('customer'))} ${subscriptions(list<SubscriptionObject>('subscription'))}
    ${invoices(list<InvoiceObject>('invoice'))} ${moneyPanels(world)} ${eventsPanel([...events.all()].reverse())}
    ${deliveries([...deliverer.all()].reverse())} ${endpointsPanel(world)}
  `;
  return page('Sandbox dashboard', 'dashboard', body);
}

function clockPanel(world: World): Html {
  const { clock } = world;
  const now = clock.now();
  const due = world.nextDue();
  return html`<section class="panel" aria-labelledby="clock">
    <h2 id="clock">Clock</h2>
    <div class="clock">
      <div>
        <p class="now"><time datetime="${new Date(now * 1000).toISOString()}">${moment(now)}</time> UTC</p>
        <p class="soft">${due === null ? 'Nothing is planned.' : html`Next work is due ${moment(due)} UTC.`}</p>
      </div>
      <form method="post" action="/sandbox/dashboard/clock" aria-label="Move the clock by a step">
        ${STEPS.map(([label, seconds]) => html`<button class="plain" name="seconds" value="${seconds}">+ ${label}</button>`)}
        ${due !== null && html`<button name="seconds" value="${Math.max(0, due - now)}">To the next due work</button>`}
      </form>
      <form method="post" action="/sandbox/dashboard/clock">
        <div>
          <label for="at">Move to (UTC)</label>
          <input
            type="datetime-local"
            id="at"
            name="at"
            value="${new Date(now * 1000).toISOString().slice(0, 16)}"
            required
          />
        </div>
        <button class="plain">Move</button>
      </form>
    </div>
  </section>`;
}

function customers(all: readonly CustomerObject[]): Html {
  return table('customers', 'Customers', ['Customer', 'Email', 'Created'], all, (customer) => {
    const metadata = Object.entries(customer.metadata).map(([key, value]) => `${key}=${value}`);
    return html`<tr>
      <td>${customer.name ?? ''} <code>${customer.id}</code> <span class="soft">${metadata.join(' ')}</span></td>
      <td>${customer.email ?? '—'}</td>
      <td><time>${moment(customer.created)}</time></td>
    </tr>`;
  });
}

function subscriptions(all: readonly SubscriptionObject[]): Html {
  const heads = ['Subscription', 'Status', 'Plan', 'Current period', 'Trial ends', 'Ends'];
  return table('subscriptions', 'Subscriptions', heads, all, (subscription) => {
    const [item] = subscription.items.data;
    const price = item?.price;
    return html`<tr>
      <td><code>${subscription.id}</code><br /><code class="soft">${subscription.customer}</code></td>
      <td>${badge(subscription.status)}</td>
      <td>
        ${price?.lookup_key ?? price?.nickname ?? price?.id ?? '—'} ${price && money(price.unit_amount, price.currency)}
      </td>
      <td>${item ? html`${day(item.current_period_start)} to ${day(item.current_period_end)}` : '—'}</td>
      <td>${subscription.trial_end ? day(subscription.trial_end) : '—'}</td>
      <td>${endOf(subscription)}</td>
    </tr>`;
  });
}

function endOf(subscription: SubscriptionObject): string {
  const at = subscription.ended_at ?? subscription.cancel_at;
  if (at) return day(at);
  return subscription.cancel_at_period_end ? 'at period end' : '—';
}

function invoices(all: readonly InvoiceObject[]): Html {
  const heads = ['Invoice', 'Status', 'Reason', 'Total', 'Due', 'Attempts', 'Created'];
  return table(
    'invoices',
    'Invoices',
    heads,
    all,
    (invoice) =>
      html`<tr>
        <td><a href="${pagePaths.invoice(invoice.id)}">${invoice.number ?? 'draft'}</a> <code>${invoice.id}</code></td>
        <td>${badge(invoice.status)}</td>
        <td>${(invoice.billing_reason ?? '').replaceAll('_', ' ')}</td>
        <td class="number">${money(invoice.total, invoice.currency)}</td>
        <td class="number">${money(invoice.amount_remaining, invoice.currency)}</td>
        <td class="number">${invoice.attempt_count}</td>
        <td><time>${moment(invoice.created)}</time></td>
      </tr>`,
  );
}

function eventsPanel(all: ReturnType<World['events']['all']>): Html {
  return table(
    'events',
    'Events',
    ['Event', 'Created', 'Undelivered', ''],
    all,
    (event) =>
      html`<tr>
        <td>
          <details>
            <summary>${event.type} <code>${event.id}</code></summary>
            <pre>${JSON.stringify(event, null, 2)}</pre>
          </details>
        </td>
        <td><time>${moment(event.created)}</time></td>
        <td class="number">${event.pending_webhooks}</td>
        <td>
          <form method="post" action="/sandbox/dashboard/events/${event.id}/redeliver">
            <button class="plain" aria-label="Send ${event.type} ${event.id} again">Send again</button>
          </form>
        </td>
      </tr>`,
  );
}

function deliveries(all: readonly Delivery[]): Html {
  return table('deliveries', 'Deliveries', ['Event', 'State', 'Attempts', 'Last answer', 'To'], all, (delivery) => {
    const last = delivery.attempts.at(-1);
    const result = last ? `${last.status ?? last.error ?? ''} in ${last.durationMs} ms` : '—';
    return html`<tr>
      <td>${delivery.eventType} <code>${delivery.eventId}</code></td>
      <td>${badge(delivery.state)} ${delivery.oldApiVersion && badge('old version')}</td>
      <td class="number">${delivery.attempts.length}</td>
      <td>${result}</td>
      <td><code>${delivery.url}</code></td>
    </tr>`;
  });
}

function endpointsPanel({ endpoints }: World): Html {
  const heads = ['Endpoint', 'Status', 'Events', 'Secrets'];
  return table(
    'endpoints',
    'Webhook endpoints',
    heads,
    endpoints.list(),
    (endpoint) =>
      html`<tr>
        <td><code>${endpoint.url}</code><br /><code class="soft">${endpoint.id}</code></td>
        <td>${badge(endpoint.status)}</td>
        <td>${endpoint.enabledEvents.join(', ')}</td>
        <td class="number">${endpoint.secrets.length}</td>
      </tr>`,
  );
}
