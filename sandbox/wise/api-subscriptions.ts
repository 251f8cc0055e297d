import { notFound, problems } from './api-error';
import type { Call, Routes } from './call';
import { TRIGGERS } from './index';
import type { SubscriptionRecord } from './state';
import { subscriptionShown } from './wire';

const VERSIONS = ['2.0.0', '3.0.0', '4.0.0'];

interface Input {
  readonly name: string;
  readonly trigger_on: string;
  readonly delivery: { readonly version: string; readonly url: string };
}

function subscriptionOf({ wise, ids }: Call): SubscriptionRecord {
  const found = wise.book.subscriptions.get(ids['subscriptionId'] ?? '');
  if (!found) throw notFound('Subscription was not found');
  return found;
}

function create({ wise, body }: Call): object {
  const { name, trigger_on: trigger, delivery } = body as Input;
  const wrong = (path: string, message: string): Error => problems(400, { code: 'NOT_VALID', message, path });
  if (!TRIGGERS.includes(trigger)) throw wrong('trigger_on', `${trigger} is no event of profiles`);
  if (!VERSIONS.includes(delivery.version)) throw wrong('delivery.version', `${delivery.version} is no version`);
  if (!/^https?:\/\//.test(delivery.url)) throw wrong('delivery.url', 'must be an address');
  return subscriptionShown(wise.book, wise.subscribe({ name, trigger, version: delivery.version, url: delivery.url }));
}

export const subscriptionRoutes: Routes = {
  'POST /v3/profiles/{profileId}/subscriptions': create,
  'GET /v3/profiles/{profileId}/subscriptions': ({ wise }) =>
    [...wise.book.subscriptions.values()].map((one) => subscriptionShown(wise.book, one)),
  'GET /v3/profiles/{profileId}/subscriptions/{subscriptionId}': (call) =>
    subscriptionShown(call.wise.book, subscriptionOf(call)),
  'DELETE /v3/profiles/{profileId}/subscriptions/{subscriptionId}': (call) => {
    call.wise.book.subscriptions.delete(subscriptionOf(call).id);
    return null;
  },
};
