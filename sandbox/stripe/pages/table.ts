import { html, type Html, type HtmlValue } from './html';

const SHOWN = 50;

/** Columns of numbers, which stand to the right. */
const NUMBERS = new Set(['Total', 'Due', 'Attempts', 'Undelivered', 'Secrets', 'Amount', 'Refunded', 'Fee']);

/** A panel of the dashboard with its latest rows. */
export function table<T>(
  id: string,
  title: string,
  heads: readonly string[],
  rows: readonly T[],
  row: (item: T) => Html,
): Html {
  const more = rows.length > SHOWN ? html`<p class="soft">The latest ${SHOWN} of ${rows.length}.</p>` : null;
  const body: HtmlValue =
    rows.length === 0
      ? html`<p class="empty">None yet.</p>`
      : html`<div class="scroll">
            <table>
              <thead>
                <tr>
                  ${heads.map((head) => html`<th scope="col" ${NUMBERS.has(head) && html`class="number"`}>${head}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${rows.slice(0, SHOWN).map(row)}
              </tbody>
            </table>
          </div>
          ${more}`;
  return html`<section class="panel" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;
}
