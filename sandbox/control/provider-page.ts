import type { FastifyInstance, FastifyReply } from 'fastify';
import { decodeForm } from '../stripe/http/form';
import { moment } from '../stripe/pages/format';
import { html, type Html } from '../stripe/pages/html';
import { notice, page, sendPage } from '../stripe/pages/layout';
import type { World } from '../world';

/** A form as it was sent: text by name, without blanks around. */
export type Form = Readonly<Record<string, string>>;

/** A provider's page, and what its forms do. */
export interface ProviderPage {
  /** Where it is, e.g. `/sandbox/apple`. */
  readonly path: string;
  readonly title: string;
  readonly heading: string;
  /** Anchors and names of its panels. */
  readonly panels: Readonly<Record<string, string>>;
  readonly render: (world: World) => Html;
  /** Forms by what stands behind the path; they change something. @throws what `isTold` knows */
  readonly forms: Readonly<Record<string, (world: World, form: Form) => void>>;
  /** What a button does to one thing, by its id. @throws what `isTold` knows */
  readonly act: (world: World, id: string, action: string, form: Form) => void;
  /** Whether an error is a message for whoever looks at the page. */
  readonly isTold: (error: unknown) => error is Error & { readonly status: number };
}

/** A page with buttons: each does one thing, and the page comes again, with what went wrong above it. */
export function registerProviderPage(app: FastifyInstance, world: () => World, made: ProviderPage): void {
  const attempt = (reply: FastifyReply, work: () => void): FastifyReply => {
    try {
      world().runDueWork();
      work();
      return reply.redirect(made.path, 303);
    } catch (error) {
      if (!made.isTold(error)) throw error;
      return sendPage(reply, frame(made, world(), error.message), error.status);
    }
  };
  app.get(made.path, (_request, reply) => sendPage(reply, frame(made, world())));
  for (const [name, run] of Object.entries(made.forms)) {
    app.post<{ Body: string | undefined }>(`${made.path}/${name}`, ({ body }, reply) =>
      attempt(reply, () => {
        run(world(), formOf(body));
      }),
    );
  }
  app.post<{ Params: { id: string; action: string }; Body: string | undefined }>(
    `${made.path}/do/:id/:action`,
    ({ params: { id, action }, body }, reply) =>
      attempt(reply, () => {
        made.act(world(), id, action, formOf(body));
      }),
  );
}

function frame({ title, heading, panels, render }: ProviderPage, world: World, problem?: string): Html {
  const body = html`
    <h1>${heading}</h1>
    <nav class="top" aria-label="On this page">
      ${Object.entries(panels).map(([anchor, name]) => html`<a href="#${anchor}">${name}</a>`)}
      <a href="/sandbox">Clock and Stripe</a>
    </nav>
    ${problem !== undefined && notice('error', problem)} ${render(world)}
  `;
  return page(title, 'dashboard', body);
}

function formOf(body: string | undefined): Form {
  const values = Object.entries(decodeForm(body ?? ''));
  return Object.fromEntries(values.map(([name, value]) => [name, typeof value === 'string' ? value.trim() : '']));
}

/** What an action takes: forms send text, actions want numbers and truths. */
export function inputOf(form: Form): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(Object.entries(form).map(([name, text]) => [name, valueOf(text)]));
}

function valueOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** A button that does one thing to something. */
export type Button = (id: string | number, action: string, label: string, fields?: Form) => Html;

/** @param path of the page they are on */
export function buttonsOf(path: string): Button {
  return (id, action, label, fields = {}) =>
    html`<form method="post" action="${path}/do/${id}/${action}">
      ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <button class="plain" aria-label="${label} ${String(id).slice(0, 24)}">${label}</button>
    </form>`;
}

/** @param ms milliseconds */
export function momentOf(ms: number): Html {
  return html`<time>${moment(Math.floor(ms / 1000))}</time>`;
}
