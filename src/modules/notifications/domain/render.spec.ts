import { LANGUAGES, tongueOf } from './locale';
import { renderMail, renderShort, VariablesError, type Letterhead } from './render';
import { defineTemplate, type Template } from './template';
import { problemsOf, type Declared } from './variables';

const wording = (subject: string, ...paragraphs: string[]): Template['wording'] => {
  const said = { subject, paragraphs, button: 'Open', title: subject, body: paragraphs[0] ?? '' };
  return { en: said, de: said, es: said };
};
const HEAD: Letterhead = { footer: 'Foot', links: [{ label: 'Settings', url: 'https://app.example.com/?a=1&b=2' }] };
const template = defineTemplate({
  key: 'test',
  topic: 'payments',
  urgent: false,
  variables: { plan: 'text', amount: 'money', on: 'date', left: 'days', link: 'url?', last: 'flag' },
  link: 'link',
  sample: {
    plan: 'Pro',
    amount: { amount: 1234, currency: 'USD' },
    on: '2026-01-31T23:30:00Z',
    left: 1,
    link: 'https://pay.example.com/i?x=1&y=2',
    last: false,
  },
  wording: wording('{{plan}}: {{amount}}', '{{amount}} until {{on}}, {{left}}', '{{#if last}}Last{{/if}}'),
});
const reader = (locale: string, timeZone = 'UTC') => ({ ...tongueOf(locale), timeZone });

describe('a message', () => {
  it.each([
    ['en-US', 'UTC', '$12.34 until January 31, 2026, 1 day'],
    ['en-GB', 'UTC', 'US$12.34 until 31 January 2026, 1 day'],
    ['de-DE', 'Europe/Berlin', '12,34\u00a0$ until 1. Februar 2026, 1 Tag'],
    ['es-ES', 'America/Mexico_City', '12,34\u00a0US$ until 31 de enero de 2026, 1 día'],
    ['ja-JP', 'UTC', '$12.34 until January 31, 2026, 1 day'],
  ])('writes money, days and dates as %s in %s does', (locale, zone, expected) => {
    expect(renderShort(template, template.sample, reader(locale, zone)).body).toBe(expected);
  });

  it.each([
    [{ amount: 1234, currency: 'JPY' }, '¥1,234'],
    [{ amount: 1230, currency: 'KWD' }, 'KWD\u00a01.230'],
    [{ amount: -5, currency: 'EUR' }, '-€0.05'],
  ])('writes %j with the decimals of its currency', (amount, expected) => {
    const { title } = renderShort(template, { ...template.sample, amount }, reader('en'));
    expect(title).toBe(`Pro: ${expected}`);
  });

  it('escapes what it is told in HTML and nowhere else', () => {
    const plan = `<img src=x onerror="alert(1)"> & 'Söhne' {{amount}}`;
    const mail = renderMail(template, { ...template.sample, plan }, reader('en'), HEAD);
    expect(mail.subject).toContain(plan);
    expect(mail.html).not.toContain('<img');
    expect(mail.html).toContain(
      '&lt;img src&#x3D;x onerror&#x3D;&quot;alert(1)&quot;&gt; &amp; &#x27;Söhne&#x27; {{amount}}',
    );
    expect(mail.html).toContain('href="https://pay.example.com/i?x&#x3D;1&amp;y&#x3D;2"');
    expect(mail.text).toContain('Open: https://pay.example.com/i?x=1&y=2');
    expect(mail.text).toContain('Settings: https://app.example.com/?a=1&b=2');
  });

  it('keeps to one line what could end a header', () => {
    const plan = 'a\r\nBcc: everybody@test.example\u2028b\u202e';
    expect(renderShort(template, { ...template.sample, plan }, reader('en')).title).toBe(
      'Pro: $12.34'.replace('Pro', 'a Bcc: everybody@test.example b'),
    );
  });

  it('leaves out what is empty, and the button without a link', () => {
    const { html, text } = renderMail(template, { ...template.sample, link: null }, reader('en'), {
      ...HEAD,
      links: [],
    });
    expect(html).not.toContain('<a ');
    expect(text).toBe('$12.34 until January 31, 2026, 1 day\n\n-- \nFoot\n');
    const last = renderMail(template, { ...template.sample, last: true }, reader('en'), HEAD);
    expect(last.text).toContain('\n\nLast\n\n');
  });

  it('is not said with a variable missing, unknown or wrong', () => {
    const { plan, ...rest } = template.sample;
    expect(() => renderShort(template, rest, reader('en'))).toThrow(VariablesError);
    expect(problemsOf(template.variables, rest)).toEqual({ missing: ['plan'], unknown: [], wrong: [] });
    const bad = { plan, amount: { amount: 1.5, currency: 'USD' }, on: 'soon', left: -1, link: 'javascript:alert(1)' };
    expect(problemsOf(template.variables, { ...bad, last: 'no', constructor: 1 })).toMatchObject({
      ...{ missing: [], unknown: ['constructor'] },
      wrong: [{ name: 'amount' }, { name: 'on' }, { name: 'left' }, { name: 'link' }, { name: 'last' }],
    });
    expect(problemsOf(template.variables, { ...template.sample, plan: null })?.wrong).toHaveLength(1);
    expect(problemsOf(template.variables, { ...template.sample, plan: 'x'.repeat(501) })?.wrong).toHaveLength(1);
  });
});

describe('a template', () => {
  const define = (text: string, variables: Declared = { plan: 'text', link: 'url?' }): unknown =>
    defineTemplate({
      ...{ key: 'bad', topic: 'payments', urgent: false, variables, link: 'link', sample: {} },
      wording: wording(text),
    });

  it.each([
    '{{plan}}',
    'no variable at all',
    '{{#if plan}}{{plan}}{{else}}nothing{{/if}}',
    '{{#unless plan}}nothing{{/unless}}',
  ])('may say %s', (text) => {
    expect(() => define(text)).not.toThrow();
  });

  it.each([
    '{{name}}',
    '{{{plan}}}',
    '{{&plan}}',
    '{{plan.length}}',
    '{{../plan}}',
    '{{@root}}',
    '{{this}}',
    '{{> partial}}',
    '{{#each plan}}{{/each}}',
    '{{lookup plan "x"}}',
    '{{#if name}}x{{/if}}',
    '{{#if plan}}{{name}}{{/if}}',
    '{{constructor}}',
    '{{#if plan}}',
  ])('must not say %s', (text) => {
    expect(() => define(text)).toThrow();
  });

  it('needs a link for its button', () => {
    const said = { ...wording('x').en, button: undefined };
    const variables = { link: 'url?' } as const;
    const base = { key: 'bad', topic: 'payments', urgent: false, variables, sample: { link: null } } as const;
    expect(() => defineTemplate({ ...base, wording: wording('x') })).toThrow('a button needs a link');
    expect(() =>
      defineTemplate({ ...base, link: 'link', wording: Object.fromEntries(LANGUAGES.map((l) => [l, said])) as never }),
    ).toThrow('a button needs a link');
  });
});
