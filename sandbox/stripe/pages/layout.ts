import type { FastifyReply } from 'fastify';
import { html, Html, type HtmlValue } from './html';
import { styles } from './styles';

/** The frame of every page. `kind` picks the width and the arrangement. */
export function page(title: string, kind: 'checkout' | 'account' | 'dashboard', body: HtmlValue): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${new Html(styles)}
        </style>
      </head>
      <body class="${kind}">
        <p class="ribbon" role="note"><strong>Sandbox</strong> No real money moves here.</p>
        <main>${body}</main>
      </body>
    </html>`;
}

/** A message above a form; `alert` is read out at once. */
export function notice(kind: 'error' | 'success', text: string): Html {
  return html`<p class="notice ${kind}" role="${kind === 'error' ? 'alert' : 'status'}">${text}</p>`;
}

const TONES: Readonly<Record<string, string>> = {
  active: 'good',
  trialing: 'good',
  paid: 'good',
  complete: 'good',
  succeeded: 'good',
  delivered: 'good',
  outgoing_payment_sent: 'good',
  past_due: 'warn',
  open: 'warn',
  incomplete: 'warn',
  waiting: 'warn',
  sending: 'warn',
  requires_action: 'warn',
  incoming_payment_waiting: 'warn',
  processing: 'warn',
  funds_converted: 'warn',
  unpaid: 'bad',
  bounced_back: 'bad',
  charged_back: 'bad',
  failed: 'bad',
  dropped: 'bad',
  uncollectible: 'bad',
};

export function badge(status: string): Html {
  return html`<span class="badge ${TONES[status] ?? 'quiet'}">${status.replaceAll('_', ' ')}</span>`;
}

export function sendPage(reply: FastifyReply, content: Html, status = 200): FastifyReply {
  return reply
    .status(status)
    .headers({
      'cache-control': 'no-store',
      // No form-action: browsers apply it to redirects too, and a payment ends on the shop's own page.
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    })
    .type('text/html; charset=utf-8')
    .send(content.text);
}

export function sendNotFound(reply: FastifyReply, what: string): FastifyReply {
  const body = html`<section class="panel narrow">
    <h1>Nothing here</h1>
    <p>${what}</p>
  </section>`;
  return sendPage(reply, page('Not found', 'account', body), 404);
}
