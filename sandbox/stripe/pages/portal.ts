import type { FastifyInstance, FastifyReply } from 'fastify';
import type { World } from '../../world';
import { pagePaths, StripeSandboxError } from '../contract';
import type { CardFailure, PortalView } from '../engine';
import { decodeForm } from '../http/form';
import { cardNumberOf } from './card-form';
import { html } from './html';
import { page, sendNotFound, sendPage } from './layout';
import { portalPage } from './portal-view';

type Form = Readonly<Record<string, unknown>>;
interface ById {
  Params: { id: string };
  Querystring: { done?: string };
  Body: string | undefined;
}
/** What an action comes to; nothing means done. */
type Outcome = object | undefined;

/** What a finished action says, by the code that the redirect carries. */
const DONE: Readonly<Record<string, string>> = {
  cancel: 'Your subscription ends with the current period.',
  resume: 'Your subscription goes on.',
  plan: 'Your plan is changed.',
  card: 'Your card is changed.',
  pay: 'The invoice is paid. Thank you.',
  debit: 'Your bank account is being debited; that takes some days.',
  authenticate: 'Your bank has confirmed.',
};

/** The billing portal: every action is a form, and a redirect back shows what came of it. */
export function registerPortal(app: FastifyInstance, world: () => World): void {
  const path = pagePaths.portal(':id');
  app.get<ById>(path, ({ params, query }, reply) => show(world(), params.id, reply, { done: DONE[query.done ?? ''] }));
  const action = (name: string, work: (portal: World['engine']['portal'], id: string, form: Form) => Outcome): void => {
    app.post<ById>(`${path}/${name}`, ({ params, body }, reply) => {
      const form = decodeForm(body ?? '');
      return conclude(world(), params.id, reply, name, () => work(world().engine.portal, params.id, form));
    });
  };
  action('cancel', (portal, id, form) => {
    portal.cancel(id, text(form, 'subscription'));
    return undefined;
  });
  action('resume', (portal, id, form) => {
    portal.resume(id, text(form, 'subscription'));
    return undefined;
  });
  action('plan', (portal, id, form) => {
    portal.changePlan(id, text(form, 'price') ?? '', text(form, 'subscription'));
    return undefined;
  });
  action('card', (portal, id, form) => portal.changeCard(id, cardNumberOf(form)));
  action('pay', (portal, id, form) => portal.payOpenInvoice(id, text(form, 'invoice') ?? ''));
  action('authenticate', (portal, id, form) => portal.confirmAction(id, form['answer'] === 'approve'));
  registerBankPage(app, world, path);
}

function registerBankPage(app: FastifyInstance, world: () => World, path: string): void {
  app.get<ById>(`${path}/authenticate`, ({ params }, reply) => {
    const view = find(world(), params.id);
    if (!view) return unknown(reply);
    if (!view.requiresAction) return reply.redirect(pagePaths.portal(params.id), 303);
    const body = html`<section class="panel narrow" aria-labelledby="bank">
      <h1 id="bank">Your bank asks</h1>
      <p>Do you approve the use of your card? A real bank would ask in its app (3-D Secure).</p>
      <form method="post" class="stack">
        <button class="wide" name="answer" value="approve">Approve</button>
        <button class="wide plain" name="answer" value="refuse">Refuse</button>
      </form>
    </section>`;
    return sendPage(reply, page('Confirm with your bank', 'account', body));
  });
}

function conclude(world: World, id: string, reply: FastifyReply, name: string, work: () => Outcome): FastifyReply {
  if (!find(world, id)) return unknown(reply);
  let outcome: Outcome;
  try {
    outcome = work();
  } catch (error) {
    if (error instanceof StripeSandboxError) return show(world, id, reply, { problem: error.message });
    throw error;
  }
  if (outcome && 'declined' in outcome) {
    const { message, declineCode } = outcome.declined as CardFailure;
    return show(world, id, reply, { problem: `${message} (${declineCode})` });
  }
  if (outcome && 'requiresAction' in outcome) return reply.redirect(`${pagePaths.portal(id)}/authenticate`, 303);
  const done = outcome && 'processing' in outcome ? 'debit' : name;
  return reply.redirect(`${pagePaths.portal(id)}?done=${done}`, 303);
}

function show(world: World, id: string, reply: FastifyReply, said: { done?: string; problem?: string }): FastifyReply {
  const view = find(world, id);
  if (!view) return unknown(reply);
  return sendPage(reply, portalPage(view, said), said.problem === undefined ? 200 : 402);
}

function find(world: World, id: string): PortalView | undefined {
  try {
    return world.engine.portal.view(id);
  } catch (error) {
    if (error instanceof StripeSandboxError && error.status === 404) return undefined;
    throw error;
  }
}

function unknown(reply: FastifyReply): FastifyReply {
  return sendNotFound(reply, 'There is no such portal session; it may belong to an earlier run of the sandbox.');
}

function text(form: Form, name: string): string | undefined {
  const value = form[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
