import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { World } from '../../world';
import { pagePaths, StripeSandboxError } from '../contract';
import { testCards } from '../engine';
import type { ChargeObject, InvoiceObject, LineObject } from '../engine/wire';
import { decodeForm } from '../http/form';
import { cardFields, cardNumberOf } from './card-form';
import { day, moment, money } from './format';
import { html, type Html } from './html';
import { badge, notice, page, sendNotFound, sendPage } from './layout';

interface ById {
  Params: { id: string };
  Querystring: { done?: string };
  Body: string | undefined;
}

/** The hosted invoice page, on which an open invoice can be paid, its printable form, and a charge's receipt. */
export function registerInvoices(app: FastifyInstance, world: () => World): void {
  const path = pagePaths.invoice(':id');
  app.get<ById>(path, ({ params, query }, reply) => {
    const invoice = find(world(), params.id);
    if (!invoice) return unknown(reply);
    return sendPage(
      reply,
      invoicePage(invoice, query.done === 'pay' ? { done: 'The invoice is paid. Thank you.' } : {}),
    );
  });
  app.post<ById>(path, ({ params, body }, reply) => {
    const card = cardNumberOf(decodeForm(body ?? ''));
    return conclude(world(), params.id, reply, () => {
      pay(world(), params.id, card);
    });
  });
  app.get<ById>(`${path}/authenticate`, ({ params }, reply) => {
    const invoice = find(world(), params.id);
    if (!invoice) return unknown(reply);
    return sendPage(reply, bankPage(invoice));
  });
  app.post<ById>(`${path}/authenticate`, ({ params, body }, reply) => {
    const granted = decodeForm(body ?? '')['answer'] === 'approve';
    return conclude(world(), params.id, reply, () => {
      answerBank(world(), params.id, granted);
    });
  });
  app.get<ById>(pagePaths.invoicePdf(':id'), ({ params }, reply) => {
    const invoice = find(world(), params.id);
    return invoice ? sendPage(reply, page(titleOf(invoice), 'account', document(invoice))) : unknown(reply);
  });
  app.get<ById>(pagePaths.receipt(':id'), ({ params }, reply) => {
    const charge = world().engine.store.get(params.id) as ChargeObject | undefined;
    if (charge?.object !== 'charge') return sendNotFound(reply, 'There is no such charge.');
    return sendPage(reply, receipt(charge));
  });
}

function find(world: World, id: string): InvoiceObject | undefined {
  world.runDueWork();
  const object = world.engine.store.get(id);
  return object?.object === 'invoice' && !('deleted' in object) ? (object as InvoiceObject) : undefined;
}

function unknown(reply: FastifyReply): FastifyReply {
  return sendNotFound(reply, 'There is no such invoice; it may belong to an earlier run of the sandbox.');
}

/** As the customer's browser pays: a new card, then the invoice. @throws StripeSandboxError on a decline */
function pay(world: World, id: string, number: string): void {
  const card = testCards.find((known) => known.number === number);
  const invoice = find(world, id);
  if (!card) throw new StripeSandboxError(402, { type: 'card_error', message: 'Your card number is incorrect.' });
  // The page does what a merchant's server would do, through the same routes.
  const call = (path: string, target: string, params: object): { id: string } => {
    const route = world.route('POST', path);
    if (!route) throw new Error(`the engine has no route ${path}`);
    const request = { id: `req_${randomUUID()}`, ids: { id: target }, params: { ...params }, idempotencyKey: null };
    return route.handle(request) as { id: string };
  };
  const method = call('/v1/payment_methods/{id}/attach', card.token, { customer: invoice?.customer });
  call('/v1/invoices/{id}/pay', id, { payment_method: method.id, off_session: false });
}

function answerBank(world: World, id: string, granted: boolean): void {
  const payments = world.engine.store.expandable(id, 'payments') as { data: { payment: { payment_intent: string } }[] };
  const intent = payments.data.at(-1)?.payment.payment_intent ?? '';
  world.engine.control.authenticate(intent, granted);
}

function conclude(world: World, id: string, reply: FastifyReply, work: () => void): FastifyReply {
  if (!find(world, id)) return unknown(reply);
  try {
    work();
  } catch (error) {
    if (!(error instanceof StripeSandboxError)) throw error;
    if (error.error.code === 'invoice_payment_intent_requires_action') {
      return reply.redirect(`${pagePaths.invoice(id)}/authenticate`, 303);
    }
    const invoice = find(world, id);
    return invoice ? sendPage(reply, invoicePage(invoice, { problem: error.message }), 402) : unknown(reply);
  }
  const paid = find(world, id)?.status === 'paid';
  return reply.redirect(`${pagePaths.invoice(id)}${paid ? '?done=pay' : ''}`, 303);
}

function titleOf(invoice: InvoiceObject): string {
  return `Invoice ${invoice.number ?? 'draft'}`;
}

function invoicePage(invoice: InvoiceObject, said: { done?: string; problem?: string }): Html {
  const body = html`
    ${said.done !== undefined && notice('success', said.done)}
    ${said.problem !== undefined && notice('error', said.problem)}
    <div class="columns">
      <div>
        ${document(invoice)}
        <p class="soft"><a href="${pagePaths.invoicePdf(invoice.id)}">Printable invoice</a></p>
      </div>
      ${
        invoice.status === 'open' &&
        html`<section class="panel" aria-labelledby="pay">
          <h2 id="pay">Pay this invoice</h2>
          <form method="post">
            ${cardFields()}
            <button class="wide">Pay ${money(invoice.amount_remaining, invoice.currency)}</button>
          </form>
        </section>`
      }
    </div>
  `;
  return page(titleOf(invoice), 'account', body);
}

function document(invoice: InvoiceObject): Html {
  const amount = (value: number): string => money(value, invoice.currency);
  const tax = invoice.total_taxes.reduce((sum, part) => sum + part.amount, 0);
  return html`<section class="panel" aria-labelledby="invoice">
    <div class="row">
      <h1 id="invoice">${titleOf(invoice)}</h1>
      ${badge(invoice.status)}
    </div>
    <p class="soft">
      ${day(invoice.created)}${
        (invoice.customer_name ?? invoice.customer_email) &&
        html`, for ${invoice.customer_name ?? invoice.customer_email}`
      }
    </p>
    <dl class="sum">
      ${invoice.lines.data.map((line) => lineOf(line))}
      ${
        tax !== 0 &&
        html`<dt>Tax</dt>
          <dd>${amount(tax)}</dd>`
      }
      <dt class="total">Total</dt>
      <dd class="total">${amount(invoice.total)}</dd>
      <dt>Paid</dt>
      <dd>${amount(invoice.amount_paid)}</dd>
      <dt>Due</dt>
      <dd>${amount(invoice.amount_remaining)}</dd>
    </dl>
  </section>`;
}

function lineOf(line: LineObject): Html {
  return html`<dt>
      ${line.description ?? line.pricing.price_details.product}
      <span class="soft">${day(line.period.start)} to ${day(line.period.end)}</span>
    </dt>
    <dd>${money(line.amount, line.currency)}</dd>`;
}

function bankPage(invoice: InvoiceObject): Html {
  const body = html`<section class="panel narrow" aria-labelledby="bank">
    <h1 id="bank">Your bank asks</h1>
    <p>Do you approve ${money(invoice.amount_remaining, invoice.currency)} for ${titleOf(invoice)}?</p>
    <form method="post" class="stack">
      <button class="wide" name="answer" value="approve">Approve</button>
      <button class="wide plain" name="answer" value="refuse">Refuse</button>
    </form>
  </section>`;
  return page('Confirm with your bank', 'account', body);
}

function receipt(charge: ChargeObject): Html {
  const body = html`<section class="panel narrow">
    <div class="row">
      <h1>Receipt</h1>
      ${badge(charge.status)}
    </div>
    <p class="price">${money(charge.amount, charge.currency)}</p>
    <p class="soft">${moment(charge.created)} UTC, <code>${charge.id}</code></p>
  </section>`;
  return page('Receipt', 'account', body);
}
