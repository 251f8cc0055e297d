import { expectRefusal, fetchAnswer, jsonPost, type Answer } from './http-client';
import type { House } from './house';
import { asInternal } from './tokens';

/** The last mail of somebody comes back, in ways that matter and in ways that do not. */
export async function bouncesLater(house: House, user: string): Promise<void> {
  const [mail] = await house.rows<{ id: string }>(
    `SELECT o.notification_id AS id FROM mail_outbox o JOIN customers c ON c.id = o.customer_id
     WHERE c.user_id = $1 ORDER BY o.id DESC LIMIT 1`,
    [user],
  );
  const good = { notificationId: mail!.id, address: `${user}@TEST.example`, status: '5.1.1' };
  const bounce = (changes: object = {}, headers: Record<string, string> = asInternal()): Promise<Answer> =>
    fetchAnswer(`${house.app.url}/v1/notifications/bounces`, jsonPost({ ...good, ...changes }, headers));
  const state = async (): Promise<unknown> =>
    (await house.as(user, 'GET', '/notifications/preferences')).body['bounced'];
  for (const changes of [{ status: '5.2.2' }, { status: '4.1.1' }, { address: 'old@test.example' }]) {
    expect((await bounce(changes)).body).toEqual({ turnedOff: false });
  }
  expectRefusal(await bounce({ notificationId: 'ntf_nothing' }), 404, 'NOTIFICATION_NOT_FOUND');
  for (const changes of [
    { status: '550' },
    { address: 'x' },
    { notificationId: 'x'.repeat(10_000) },
    { customerId: 1 },
  ]) {
    expectRefusal(await bounce(changes), 400, 'INVALID_INPUT');
  }
  expectRefusal(await bounce({}, {}), 401, 'INVALID_TOKEN');
  expect(await state()).toBeNull();
  const answers = await Promise.all([bounce(), bounce(), bounce()]);
  expect(answers.map(({ body }) => body)).toEqual(Array(3).fill({ turnedOff: true }));
  expect(await state()).toMatchObject({ reason: 'DSN_5_1_1' });
  expect(await house.rows(`SELECT count FROM alerts WHERE kind = 'notification.undeliverable'`)).toEqual([
    { count: 3 },
  ]);
}
