import type { Email } from 'postal-mime';
import { SecretBox } from '../../src/platform/crypto';
import { expectRefusal, fetchAnswer } from './http-client';
import type { House } from './house';

const PREFERENCES = '/notifications/preferences';

/** Turns off what a mail about a changed subscription is about, as his mail program does it (RFC 8058), and tries what does not. */
export async function leaveByLink(house: House, user: string, mail: Email | undefined): Promise<void> {
  const header = (name: string): string => mail?.headers.find(({ key }) => key === name)?.value ?? '';
  expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  const link = /^<(\S+)>$/.exec(header('list-unsubscribe'))?.[1] ?? '';
  expect(mail?.text).toContain(`Unsubscribe from mail like this: ${link}`);
  expect(mail?.html).toContain(`href="${link}"`);
  const here = link.replace(/^http:\/\/[^/]+/, house.app.url);
  const choices = async (): Promise<unknown> => (await house.as(user, 'GET', PREFERENCES)).body['topics'];
  const before = await choices();
  const page = await fetchAnswer(here);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.text).toMatch(/changes of your subscription\?[^]*<form method="post">/);
  expect(await choices()).toEqual(before);
  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  const bodies = [form, new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }), null];
  const answers = await Promise.all(bodies.map((body) => fetchAnswer(here, { method: 'POST', body })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers[0]?.text).toContain('We will not write to you about changes of your subscription any more.');
  expect(await choices()).toContainEqual(
    expect.objectContaining({ topic: 'subscription', channel: 'email', enabled: false }),
  );
  await leaveByOthers(house, user, here);
}

async function leaveByOthers(house: House, user: string, here: string): Promise<void> {
  const token = here.split('/').at(-1) ?? '';
  const changed = `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`;
  for (const bad of ['x', token.slice(0, -4), changed, `${token}.x`, '%27;--', 'x'.repeat(1_000)]) {
    const to = here.replace(token, bad);
    expectRefusal(await fetchAnswer(to), 404, 'UNSUBSCRIBE_LINK_UNKNOWN');
    expectRefusal(await fetchAnswer(to, { method: 'POST' }), 404, 'UNSUBSCRIBE_LINK_UNKNOWN');
  }
  // A topic that could be turned off when the mail was sent, and cannot be any more.
  const [customer] = await house.rows<{ id: string }>('SELECT id FROM customers WHERE user_id = $1', [user]);
  const sealed = house.app.app.get(SecretBox).seal(`${customer?.id ?? ''} billing en`, 'notifications.unsubscribe');
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  const refused = await fetchAnswer(here.replace(token, sealed), { method: 'POST', body });
  expectRefusal(refused, 422, 'PREFERENCE_MANDATORY');
  // No other route takes a form.
  const elsewhere = await fetchAnswer(`${house.app.url}/v1/admin/clock`, { method: 'POST', body });
  expectRefusal(elsewhere, 415, 'UNSUPPORTED_MEDIA_TYPE');
}
