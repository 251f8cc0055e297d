import { letterhead } from '../letterhead';
import { paymentFailed } from '../messages/payment-failed.message';
import { refundSent } from '../messages/refund-sent.message';
import { tongueOf } from './locale';
import { wordingProblems } from './own-wording';
import { renderMail, renderShort, type OwnWording } from './render';

const { template } = paymentFailed;
const mail = (text: string, html = `<p>${text}</p>`): OwnWording => ({ text, html });
const PAY = '{{amount}}: {{payUrl}}';
const SHORT = { title: 't', body: 'b' };
const reader = { ...tongueOf('en'), timeZone: 'UTC' };
const words = (wording: OwnWording, locale = 'en') => ({ wording, locale, format: locale });

describe("an operator's words", () => {
  it.each<[string, OwnWording]>([
    ['de', { subject: '{{amount}}' }],
    ['en-GB', mail(PAY)],
    ['en', mail(`{{#if plan}}{{plan}}: {{/if}}{{#if again}}Again: ${PAY}{{else}}${PAY}{{/if}}`)],
    ['en', mail(PAY, `<!doctype html><html><body>${PAY}</body></html>`)],
    ['es', { push: SHORT, inApp: { title: '{{plan}}!', body: '{{#unless lastDay}}{{daysLeft}}{{/unless}}.' } }],
    ['fr', { subject: 's', ...mail(PAY), push: SHORT, inApp: SHORT }],
  ])('may be said in %s: %j', (locale, wording) => {
    expect(wordingProblems(template, locale, wording)).toEqual([]);
  });

  it.each<[string, OwnWording, object[]]>([
    ['en', {}, [{ part: 'wording', problem: 'MISSING_PART' }]],
    ['en', { text: PAY }, [{ part: 'html', problem: 'MISSING_PART' }]],
    ['fr', { subject: 's', ...mail(PAY) }, [{ part: 'push' }, { part: 'inApp', problem: 'MISSING_PART' }]],
    ['en', { subject: '{{name}} {{amount}}' }, [{ part: 'subject', problem: 'UNKNOWN_VARIABLE', variable: 'name' }]],
    ['en', { subject: '{{amount' }, [{ part: 'subject', problem: 'SYNTAX', message: /line 1/ }]],
    ['en', { subject: '{{#if plan}}x' }, [{ part: 'subject', problem: 'SYNTAX' }]],
    ['en', { subject: '{{{plan}}}' }, [{ part: 'subject', problem: 'NOT_ALLOWED' }]],
    [
      'en',
      { push: { title: '{{> x}}', body: '{{lookup plan "x"}}' } },
      [{ part: 'push.title' }, { part: 'push.body' }],
    ],
    ['en', { subject: '{{plan}}' }, [{ part: 'subject', problem: 'EMPTY' }]],
    ['en', { inApp: { title: '{{#if again}}x{{/if}}', body: 'x' } }, [{ part: 'inApp.title', problem: 'EMPTY' }]],
    ['en', mail('{{amount}}', PAY), [{ part: 'text', problem: 'MISSING_VARIABLE', variable: 'payUrl' }]],
    // Only one of them, or only on some days, is not enough.
    ['en', mail(PAY, `{{amount}}{{#if lastDay}}{{payUrl}}{{/if}}`), [{ part: 'html', variable: 'payUrl' }]],
    ['en', mail('Pay!'), [{ part: 'text' }, { part: 'text' }, { variable: 'amount' }, { variable: 'payUrl' }]],
  ])('may not be said in %s: %j', (locale, wording, problems) => {
    const found = wordingProblems(template, locale, wording);
    expect(found).toEqual(
      problems.map((one) => {
        const { message, ...rest } = one as { message?: RegExp };
        return expect.objectContaining({ ...rest, message: expect.stringMatching(message ?? /./) as string }) as object;
      }),
    );
  });

  it('need not say what nothing depends on', () => {
    expect(wordingProblems(refundSent.template, 'en', mail('Money is on its way'))).toEqual([]);
  });

  it('stand in the layout, escaped, with the foot', () => {
    const html = '<h1>{{plan}}</h1><a href="{{payUrl}}">{{amount}}</a>';
    const sample = { ...template.sample, plan: '<b>' };
    const own = words({ subject: 'S {{amount}}', text: `T ${PAY}\n`, html }, 'en-GB');
    const said = renderMail(template, sample, reader, letterhead('en', 'https://app.example.com'), own);
    expect(said.subject).toBe('S US$29.00');
    expect(said.text).toBe(
      'T US$29.00: https://invoice.stripe.com/i/acct_1/test_1\n\n-- \nYou get this message because you are our customer.\n' +
        'Choose what we write to you about: https://app.example.com\n',
    );
    expect(said.html).toMatch(/^<!doctype html>\n<html lang="en-GB">/);
    expect(said.html).toContain('<h1>&lt;b&gt;</h1><a href="https://invoice.stripe.com/i/acct_1/test_1">US$29.00</a>');
    expect(said.html).toContain('Choose what we write to you about</a>');
    expect(said.html).not.toContain('Pay now');
  });

  it('are a document of their own, with the foot at its end', () => {
    const head = letterhead('en', undefined);
    const html = `<html><body class="ours">${PAY}</BODY></html>`;
    const said = renderMail(template, template.sample, reader, head, words({ text: PAY, html }));
    expect(said.html).toMatch(
      /^<html><body class="ours">\$29\.00: https:[^]*<footer [^]*<\/footer>\n<\/BODY><\/html>$/,
    );
  });

  it('leave what they do not say to the built-in ones', () => {
    const own = words({ push: { title: 'Ours', body: '{{amount}}' } });
    const plain = renderShort(template, template.sample, reader);
    expect(renderShort(template, template.sample, reader, { words: own, channel: 'push' })).toEqual({
      ...{ title: 'Ours', body: '$29.00' },
    });
    expect(renderShort(template, template.sample, reader, { words: own, channel: 'inApp' })).toEqual(plain);
    const head = letterhead('en', undefined);
    expect(renderMail(template, template.sample, reader, head, own)).toEqual(
      renderMail(template, template.sample, reader, head),
    );
  });
});
