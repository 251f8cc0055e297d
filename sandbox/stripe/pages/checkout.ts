import type { FastifyInstance, FastifyReply } from 'fastify';
import type { World } from '../../world';
import { pagePaths, StripeSandboxError } from '../contract';
import type { CheckoutResult, CheckoutView } from '../engine';
import { decodeForm } from '../http/form';
import { banksOf, cardFields, cardNumberOf } from './card-form';
import { day, interval, money } from './format';
import { html, type Html } from './html';
import { notice, page, sendNotFound, sendPage } from './layout';

type Form = Readonly<Record<string, unknown>>;
interface ById {
  Params: { id: string };
  Body: string | undefined;
}

const COUNTRIES = {
  US: 'United States',
  DE: 'Germany',
  FR: 'France',
  GB: 'United Kingdom',
  CH: 'Switzerland',
  JP: 'Japan',
};

/** The hosted checkout page: choose a card, pay, answer the bank if it asks, and return to the shop. */
export function registerCheckout(app: FastifyInstance, world: () => World): void {
  const path = pagePaths.checkout(':id');
  app.get<ById>(path, ({ params }, reply) => show(world(), params.id, reply));
  app.post<ById>(path, ({ params, body }, reply) => {
    const form = decodeForm(body ?? '');
    const pay = (): CheckoutResult =>
      world().engine.checkout.pay(params.id, {
        card: cardNumberOf(form),
        ...text(form, 'email'),
        ...text(form, 'name'),
        ...text(form, 'country'),
        ...text(form, 'state'),
      });
    return conclude(world(), params.id, reply, pay, form);
  });
  app.post<ById>(`${path}/code`, ({ params, body }, reply) => {
    const { code = '' } = text(decodeForm(body ?? ''), 'code');
    const apply = (): CheckoutResult => {
      world().engine.checkout.applyCode(params.id, code);
      return { redirectUrl: path.replace(':id', params.id) };
    };
    return conclude(world(), params.id, reply, apply, {});
  });
  app.get<ById>(`${path}/authenticate`, ({ params }, reply) => {
    const view = find(world(), params.id);
    if (!view) return unknown(reply);
    if (!view.requiresAction) return reply.redirect(pagePaths.checkout(params.id), 303);
    return sendPage(reply, bankPage(view));
  });
  app.post<ById>(`${path}/authenticate`, ({ params, body }, reply) => {
    const granted = decodeForm(body ?? '')['answer'] === 'approve';
    return conclude(world(), params.id, reply, () => world().engine.checkout.confirmAction(params.id, granted), {});
  });
}

function text(form: Form, name: string): Record<string, string> {
  const value = form[name];
  return typeof value === 'string' && value.trim() !== '' ? { [name]: value.trim() } : {};
}

function find(world: World, id: string): CheckoutView | undefined {
  try {
    return world.engine.checkout.view(id);
  } catch (error) {
    if (error instanceof StripeSandboxError && error.status === 404) return undefined;
    throw error;
  }
}

function unknown(reply: FastifyReply): FastifyReply {
  return sendNotFound(reply, 'There is no such checkout session; it may belong to an earlier run of the sandbox.');
}

function show(world: World, id: string, reply: FastifyReply, problem?: string, form: Form = {}): FastifyReply {
  const view = find(world, id);
  if (!view) return unknown(reply);
  if (view.session.status === 'complete') return sendPage(reply, closedPage(view, 'This checkout is paid.'));
  if (view.session.status === 'expired') return sendPage(reply, closedPage(view, 'This checkout has expired.'), 410);
  return sendPage(reply, payPage(view, form, problem), problem === undefined ? 200 : 402);
}

/** Sends the browser where the outcome belongs: to the shop, to the bank, or back to the form with the reason. */
function conclude(world: World, id: string, reply: FastifyReply, work: () => CheckoutResult, form: Form): FastifyReply {
  if (!find(world, id)) return unknown(reply);
  let result: CheckoutResult;
  try {
    result = work();
  } catch (error) {
    if (error instanceof StripeSandboxError) return show(world, id, reply, error.message, form);
    throw error;
  }
  if ('declined' in result)
    return show(world, id, reply, `${result.declined.message} (${result.declined.declineCode})`, form);
  if ('requiresAction' in result) return reply.redirect(`${pagePaths.checkout(id)}/authenticate`, 303);
  return reply.redirect(result.redirectUrl, 303);
}

function titleOf({ lineItems }: CheckoutView): string {
  return lineItems.map((item) => item.description ?? item.price.id).join(', ');
}

function trialText({ trialDays, trialEnd }: CheckoutView): string | null {
  if (trialDays !== null) return trialDays === 1 ? '1 day free' : `${trialDays} days free`;
  return trialEnd === null ? null : `free until ${day(trialEnd)}`;
}

function summary(view: CheckoutView): Html {
  const { session, lineItems, dueToday, recurringAmount } = view;
  const currency = session.currency ?? lineItems[0]?.price.currency ?? 'usd';
  const every = interval(lineItems.find((item) => item.price.recurring)?.price.recurring ?? null);
  const trial = trialText(view);
  return html`<section aria-labelledby="summary">
    <h1 id="summary">${trial === null ? 'Subscribe to' : 'Try'} ${titleOf(view)}</h1>
    ${
      trial === null
        ? html`<p class="price">${money(recurringAmount, currency)} <small>${every}</small></p>`
        : html`<p class="price">${trial}</p>
            <p class="soft">Then ${money(recurringAmount, currency)} ${every}</p>`
    }
    <dl class="sum">
      ${lineItems.map(
        (item) =>
          html`<dt>${item.description ?? item.price.id}${item.quantity > 1 && html` × ${item.quantity}`}</dt>
            <dd>${money(item.amount_subtotal, item.currency)}</dd>`,
      )}
      ${
        (session.total_details?.amount_discount ?? 0) > 0 &&
        html`<dt>Discount${view.code !== null && html` (${view.code})`}</dt>
          <dd>${money(-(session.total_details?.amount_discount ?? 0), currency)}</dd>`
      }
      ${
        trial !== null &&
        html`<dt>Free trial</dt>
          <dd>${money(dueToday - recurringAmount, currency)}</dd>`
      }
      ${
        session.automatic_tax.enabled &&
        html`<dt class="soft">Tax</dt>
          <dd class="soft">from your country</dd>`
      }
      <dt class="total">Total due today</dt>
      <dd class="total">${money(dueToday, currency)}</dd>
    </dl>
    ${session.allow_promotion_codes === true && codeForm(view)}
    ${session.cancel_url && html`<p><a href="${session.cancel_url}">Cancel and go back</a></p>`}
  </section>`;
}

function codeForm({ session, code }: CheckoutView): Html {
  return html`<form method="post" action="${pagePaths.checkout(session.id)}/code">
    <div class="field">
      <label for="code">Promotion code</label>
      <input type="text" id="code" name="code" autocomplete="off" value="${code ?? ''}" />
    </div>
    <button class="plain">Apply</button>
  </form>`;
}

function payPage(view: CheckoutView, form: Form, problem?: string): Html {
  const { session, email, dueToday } = view;
  const typed = (name: string): string => (typeof form[name] === 'string' ? form[name] : '');
  const currency = session.currency ?? 'usd';
  const action =
    dueToday > 0 ? `Pay ${money(dueToday, currency)}` : trialText(view) === null ? 'Subscribe' : 'Start trial';
  const body = html`<div class="columns">
    ${summary(view)}
    <section class="panel" aria-labelledby="pay">
      <h2 id="pay">Pay with card</h2>
      ${problem !== undefined && notice('error', problem)}
      <form method="post" action="${pagePaths.checkout(session.id)}">
        <div class="field">
          <label for="email">Email</label>
          ${
            email === null
              ? html`<input
                  type="email"
                  id="email"
                  name="email"
                  autocomplete="email"
                  required
                  value="${typed('email')}"
                />`
              : html`<input type="email" id="email" value="${email}" readonly />`
          }
        </div>
        ${cardFields(typed('card'), typed('number'), banksOf(session.payment_method_types))}
        <div class="field">
          <label for="name">Name on card</label>
          <input type="text" id="name" name="name" autocomplete="cc-name" value="${typed('name')}" />
        </div>
        ${session.automatic_tax.enabled && countryField(typed('country'))}
        <button class="wide">${action}</button>
      </form>
    </section>
  </div>`;
  return page(`${titleOf(view)} – Checkout`, 'checkout', body);
}

function countryField(chosen: string): Html {
  return html`<div class="field">
    <label for="country">Country</label>
    <select id="country" name="country">
      ${Object.entries(COUNTRIES).map(
        ([code, name]) => html`<option value="${code}" ${code === chosen && html`selected`}>${name}</option>`,
      )}
    </select>
  </div>`;
}

function bankPage(view: CheckoutView): Html {
  const amount = view.dueToday > 0 ? money(view.dueToday, view.session.currency ?? 'usd') : 'saving your card';
  const body = html`<section class="panel narrow" aria-labelledby="bank">
    <h1 id="bank">Your bank asks</h1>
    <p>Do you approve ${amount} for ${titleOf(view)}? A real bank would ask in its app (3-D Secure).</p>
    <form method="post" class="stack">
      <button class="wide" name="answer" value="approve">Approve</button>
      <button class="wide plain" name="answer" value="refuse">Refuse</button>
    </form>
  </section>`;
  return page('Confirm with your bank', 'checkout', body);
}

function closedPage({ session }: CheckoutView, message: string): Html {
  const back = session.status === 'complete' ? session.success_url : session.cancel_url;
  const target = back?.replaceAll('{CHECKOUT_SESSION_ID}', session.id);
  const body = html`<section class="panel narrow">
    <h1>${message}</h1>
    ${target && html`<p><a class="button" href="${target}">Return to the shop</a></p>`}
  </section>`;
  return page(message, 'checkout', body);
}
