import type { FastifyInstance, FastifyReply } from 'fastify';
import type { World } from '../../world';
import { StripeSandboxError } from '../contract';
import type { BalanceTransactionObject, ChargeObject, DisputeObject, PayoutObject, RefundObject } from '../engine/wire';
import { moment, money } from './format';
import { html, type Html } from './html';
import { badge } from './layout';
import { table } from './table';

/** Payments, refunds, disputes and payouts, with buttons for what only banks do. */
export function moneyPanels({ engine }: World): Html {
  const list = <T>(type: string): T[] => [...engine.store.list(type)].reverse() as unknown as T[];
  const fee = (charge: ChargeObject): number =>
    (engine.store.get(charge.balance_transaction ?? '') as BalanceTransactionObject | undefined)?.fee ?? 0;
  return html`${payments(list<ChargeObject>('charge'), fee)} ${refunds(list<RefundObject>('refund'))}
  ${disputes(list<DisputeObject>('dispute'))} ${payouts(list<PayoutObject>('payout'))}`;
}

/** A button that posts to the dashboard. */
function button(path: string, label: string, id: string): Html {
  return html`<form method="post" action="/sandbox/dashboard/${path}">
    <button class="plain" aria-label="${label} ${id}">${label}</button>
  </form>`;
}

function payments(all: readonly ChargeObject[], fee: (charge: ChargeObject) => number): Html {
  const heads = ['Payment', 'Status', 'Amount', 'Refunded', 'Fee', 'Created', ''];
  return table('payments', 'Payments', heads, all, (charge) => {
    const can = charge.status === 'succeeded' && !charge.refunded;
    return html`<tr>
      <td><code>${charge.id}</code><br /><code class="soft">${charge.customer}</code></td>
      <td>${badge(charge.status)} ${charge.disputed && badge('disputed')}</td>
      <td class="number">${money(charge.amount, charge.currency)}</td>
      <td class="number">${money(charge.amount_refunded, charge.currency)}</td>
      <td class="number">${money(fee(charge), charge.currency)}</td>
      <td><time>${moment(charge.created)}</time></td>
      <td>${can && button(`charges/${charge.id}/dispute`, 'Dispute', charge.id)}</td>
    </tr>`;
  });
}

function refunds(all: readonly RefundObject[]): Html {
  return table('refunds', 'Refunds', ['Refund', 'Status', 'Reason', 'Amount', 'Created', ''], all, (refund) => {
    const over = refund.status === 'failed' || refund.status === 'canceled';
    return html`<tr>
      <td><code>${refund.id}</code><br /><code class="soft">${refund.charge}</code></td>
      <td>${badge(refund.status)}</td>
      <td>${(refund.reason ?? '').replaceAll('_', ' ')}</td>
      <td class="number">${money(refund.amount, refund.currency)}</td>
      <td><time>${moment(refund.created)}</time></td>
      <td>${!over && button(`refunds/${refund.id}/fail`, 'Fail', refund.id)}</td>
    </tr>`;
  });
}

function disputes(all: readonly DisputeObject[]): Html {
  const heads = ['Dispute', 'Status', 'Reason', 'Amount', 'Answer due', ''];
  return table('disputes', 'Disputes', heads, all, (dispute) => {
    const open = dispute.status === 'needs_response' || dispute.status === 'under_review';
    const due = dispute.evidence_details.due_by;
    const decide = (outcome: string, label: string): Html =>
      button(`disputes/${dispute.id}/${outcome}`, label, dispute.id);
    return html`<tr>
      <td><code>${dispute.id}</code><br /><code class="soft">${dispute.charge}</code></td>
      <td>${badge(dispute.status)}</td>
      <td>${dispute.reason.replaceAll('_', ' ')}</td>
      <td class="number">${money(dispute.amount, dispute.currency)}</td>
      <td>${due === null ? '—' : html`<time>${moment(due)}</time>`}</td>
      <td>${open && html`${decide('won', 'Win')} ${decide('lost', 'Lose')}`}</td>
    </tr>`;
  });
}

function payouts(all: readonly PayoutObject[]): Html {
  return table('payouts', 'Payouts', ['Payout', 'Status', 'Amount', 'Arrives', ''], all, (payout) => {
    const over = payout.status === 'failed' || payout.status === 'canceled';
    return html`<tr>
      <td><code>${payout.id}</code></td>
      <td>${badge(payout.status)}</td>
      <td class="number">${money(payout.amount, payout.currency)}</td>
      <td><time>${moment(payout.arrival_date)}</time></td>
      <td>${!over && button(`payouts/${payout.id}/fail`, 'Fail', payout.id)}</td>
    </tr>`;
  });
}

type Refuse = (reply: FastifyReply, problem: string) => FastifyReply;

/** What the buttons do. @param refuse shows the dashboard with what is wrong */
export function registerMoneyForms(app: FastifyInstance, world: () => World, refuse: Refuse): void {
  const control = (): World['engine']['control']['money'] => world().engine.control.money;
  const form = (path: string, panel: string, work: (id: string) => unknown): void => {
    app.post<{ Params: { id: string } }>(`/sandbox/dashboard/${path}`, ({ params }, reply) => {
      try {
        work(params.id);
      } catch (error) {
        if (error instanceof StripeSandboxError) return refuse(reply, error.message);
        throw error;
      }
      return reply.redirect(`/sandbox#${panel}`, 303);
    });
  };
  form('charges/:id/dispute', 'disputes', (charge) => control().openDispute({ charge }, {}));
  form('refunds/:id/fail', 'refunds', (id) => control().settleRefund(id, 'failed'));
  form('disputes/:id/won', 'disputes', (id) => control().decideDispute(id, 'won'));
  form('disputes/:id/lost', 'disputes', (id) => control().decideDispute(id, 'lost'));
  form('payouts/:id/fail', 'payouts', (id) => control().failPayout(id));
}
