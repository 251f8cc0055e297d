import fc from 'fast-check';
import { html } from './html';

describe('html', () => {
  it('escapes what it is given and keeps what it made', () => {
    const bold = html`<b title="${'"x"'}">${'<script>'}</b>`;
    expect(html`<p>${bold}${['a & b', 1]}${null}${false}</p>`.text).toBe(
      '<p><b title="&quot;x&quot;">&lt;script&gt;</b>a &amp; b1</p>',
    );
  });

  it('lets no value end the attribute or the element it stands in', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(html`${text}`.text).not.toMatch(/[<>"']/);
      }),
    );
  });
});
