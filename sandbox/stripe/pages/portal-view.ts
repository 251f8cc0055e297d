import { pagePaths } from '../contract';
import type { PortalOffer, PortalView } from '../engine';
import { cardFields } from './card-form';
import { day, interval, money } from './format';
import { html, type Html } from './html';
import { badge, notice, page } from './layout';

type Subscription = PortalView['subscriptions'][number];

/** @param said what came of the last action, if any. */
export function portalPage(view: PortalView, said: { done?: string; problem?: string }): Html {
  const { session, customer, subscriptions } = view;
  const open = view.invoices.filter((invoice) => invoice.status === 'open');
  const body = html`
    <div class="row">
      <h1>Your billing</h1>
      ${session.return_url && html`<p><a href="${session.return_url}">← Back to the shop</a></p>`}
    </div>
    <p class="soft">${customer.name ?? customer.email ?? customer.id}</p>
    ${said.done !== undefined && notice('success', said.done)}
    ${said.problem !== undefined && notice('error', said.problem)} ${open.map((invoice) => openInvoice(view, invoice))}
    <div class="columns">
      <div>
        ${
          subscriptions.length === 0
            ? html`<section class="panel">
                <h2>Current plan</h2>
                <p class="empty">You have no running subscription.</p>
              </section>`
            : subscriptions.map((subscription) => plan(view, subscription))
        }
      </div>
      <div>${card(view)}</div>
    </div>
    ${invoices(view)}
  `;
  return page('Billing portal', 'account', body);
}

function act(view: PortalView, action: string): Html {
  return html`method="post" action="${pagePaths.portal(view.session.id)}/${action}"`;
}

function openInvoice(view: PortalView, invoice: PortalView['invoices'][number]): Html {
  return html`<section class="notice error" aria-label="Open invoice">
    <div class="row">
      <p>
        Invoice ${invoice.number ?? invoice.id} over ${money(invoice.amount_remaining, invoice.currency)} is not paid
        yet.
      </p>
      <form ${act(view, 'pay')}>
        <input type="hidden" name="invoice" value="${invoice.id}" />
        <button>Pay ${money(invoice.amount_remaining, invoice.currency)}</button>
      </form>
    </div>
  </section>`;
}

function plan(view: PortalView, subscription: Subscription): Html {
  const [item] = subscription.items.data;
  const price = item?.price;
  const hidden = html`<input type="hidden" name="subscription" value="${subscription.id}" />`;
  const ends = subscription.cancel_at !== null;
  return html`<section class="panel">
    <div class="row">
      <h2>Current plan</h2>
      ${badge(subscription.status)}
    </div>
    ${
      price &&
      html`<p class="price">
          ${money(price.unit_amount * (item.quantity || 1), price.currency)} <small>${interval(price.recurring)}</small>
        </p>
        <p>${nameOf(view.offers.find((offer) => offer.price.id === price.id)) ?? price.nickname ?? price.id}</p>`
    }
    <p class="soft">${whatComes(subscription)}</p>
    ${changePlan(view, subscription)}
    ${
      ends
        ? html`<form ${act(view, 'resume')}>${hidden}<button>Keep my subscription</button></form>`
        : html`<form ${act(view, 'cancel')}>${hidden}<button class="danger">Cancel subscription</button></form>`
    }
  </section>`;
}

function whatComes(subscription: Subscription): string {
  const [item] = subscription.items.data;
  if (subscription.cancel_at !== null) return `Ends on ${day(subscription.cancel_at)}.`;
  if (subscription.status === 'trialing' && subscription.trial_end !== null) {
    return `Free until ${day(subscription.trial_end)}, then charged.`;
  }
  return item ? `Renews on ${day(item.current_period_end)}.` : '';
}

function changePlan(view: PortalView, subscription: Subscription): Html | null {
  const current = subscription.items.data[0]?.price.id;
  const others = view.offers.filter((offer) => offer.price.id !== current);
  if (others.length === 0) return null;
  const field = `price-${subscription.id}`;
  return html`<form ${act(view, 'plan')}>
    <div class="field">
      <label for="${field}">Change plan</label>
      <select id="${field}" name="price">
        ${others.map(
          (offer) =>
            html`<option value="${offer.price.id}">
              ${nameOf(offer) ?? offer.price.id}, ${money(offer.price.unit_amount, offer.price.currency)}
              ${interval(offer.price.recurring)}
            </option>`,
        )}
      </select>
    </div>
    <input type="hidden" name="subscription" value="${subscription.id}" />
    <p><button class="plain">Change plan</button></p>
  </form>`;
}

function nameOf(offer: PortalOffer | undefined): string | null {
  return offer?.product?.name ?? offer?.price.nickname ?? null;
}

function card(view: PortalView): Html {
  const method = view.paymentMethod?.card;
  return html`<section class="panel" aria-labelledby="card">
    <h2 id="card">Payment method</h2>
    ${
      method
        ? html`<p>
            ${method.brand.toUpperCase()} ending in ${method.last4}
            <span class="soft">expires ${method.exp_month}/${method.exp_year}</span>
          </p>`
        : html`<p class="empty">No card is saved.</p>`
    }
    <details>
      <summary>${method ? 'Change card' : 'Add a card'}</summary>
      <form ${act(view, 'card')}>
        ${cardFields()}
        <button>Save card</button>
      </form>
    </details>
  </section>`;
}

function invoices(view: PortalView): Html {
  const rows = view.invoices.filter((invoice) => invoice.status !== 'draft');
  return html`<section class="panel" aria-labelledby="invoices">
    <h2 id="invoices">Invoices</h2>
    ${
      rows.length === 0
        ? html`<p class="empty">None yet.</p>`
        : html`<div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">Date</th>
                  <th scope="col">Number</th>
                  <th scope="col">Status</th>
                  <th scope="col" class="number">Amount</th>
                </tr>
              </thead>
              <tbody>
                ${rows.map(
                  (invoice) =>
                    html`<tr>
                      <td>${day(invoice.created)}</td>
                      <td><a href="${pagePaths.invoice(invoice.id)}">${invoice.number ?? invoice.id}</a></td>
                      <td>${badge(invoice.status)}</td>
                      <td class="number">${money(invoice.total, invoice.currency)}</td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}
