import { columns } from './columns';
import { money } from './format';
import type { Plan } from './kassa-api';
import { planLines } from './plan-lines';
import { SHOP } from './settings';
import type { FormResult } from './stripe-side';
import type { Person, World } from './world';

/** What people do in the story. Each returns what there is to tell about it, a line each. */
type Lines = readonly string[];

const VISA = '4242424242424242';
const MASTERCARD = '5555555555554444';
const DECLINED = '4000000000000002';

export async function seePlans(world: World): Promise<Lines> {
  return planLines(await world.as('ada').call<Plan[]>('/billing/plans'));
}

/** As an app with its own card form does it: Kassa opens the subscription, the app confirms the payment. */
export async function bobSubscribes(world: World): Promise<Lines> {
  const { subscription, clientSecret } = await world
    .as('bob')
    .call<{ subscription: { status: string }; clientSecret: string }>('/billing/subscriptions', {
      json: { plan: 'BASIC', billingCycle: 'annual' },
      headers: { 'idempotency-key': 'bob-subscribes' },
    });
  const intent = clientSecret.split('_secret_')[0] ?? '';
  const { status } = await world.stripe.api<{ status: string }>(`/payment_intents/${intent}/confirm`, {
    payment_method: 'pm_card_visa',
  });
  return [
    `POST /v1/billing/subscriptions: ${subscription.status}, with a client secret`,
    `his app confirms the card with it: payment ${status}`,
  ];
}

export async function adaChecksOut(world: World): Promise<Lines> {
  const { url, sessionId } = await world.as('ada').call<{ url: string; sessionId: string }>('/billing/checkout', {
    json: { plan: 'PRO', successUrl: `${SHOP}/welcome?session={CHECKOUT_SESSION_ID}`, cancelUrl: `${SHOP}/plans` },
    headers: { 'idempotency-key': 'ada-checks-out' },
  });
  const refused = await world.stripe.submit(url, { card: DECLINED });
  const paid = await world.stripe.submit(url, { card: VISA });
  const back = 'location' in paid && paid.location === `${SHOP}/welcome?session=${sessionId}`;
  return [
    'POST /v1/billing/checkout gives the address of the hosted page',
    `card ending in ${DECLINED.slice(-4)}: ${outcome(refused)}`,
    `card ending in ${VISA.slice(-4)}: ${back ? 'accepted, back to the shop' : outcome(paid)}`,
  ];
}

/** From now on the bank refuses every card she has. */
export async function cardsTurnBad(world: World): Promise<Lines> {
  const customer = await adasCustomer(world);
  await world.stripe.control('POST', 'cards', { customer, behavior: 'insufficient_funds' });
  return ['from now on her bank answers every charge: insufficient funds'];
}

export async function adaMendsHerCard(world: World): Promise<Lines> {
  const portal = await openPortal(world, 'ada');
  const changed = await world.stripe.submit(`${portal}/card`, { card: MASTERCARD });
  return [
    'POST /v1/billing/portal gives the address of the portal',
    `new card ending in ${MASTERCARD.slice(-4)}: ${outcome(changed)}`,
  ];
}

export async function adaDowngrades(world: World): Promise<Lines> {
  const portal = await openPortal(world, 'ada');
  const price = pick(await world.stripe.page(portal), /<option value="(price_[^"]+)">\s*Basic, \$9\.00/, 'Basic offer');
  const changed = await world.stripe.submit(`${portal}/plan`, { price });
  const [latest] = await world.stripe.control<{ invoices: StripeLines[] }>('GET', 'state').then((s) => s.invoices);
  const lines = (latest?.lines.data ?? []).map(({ amount, description }) => [money(amount, 'USD'), description ?? '']);
  return [`changes to Basic in the portal: ${outcome(changed)}`, ...columns(lines, [{ align: 'right' }])];
}

interface StripeLines {
  readonly lines: { readonly data: readonly { readonly amount: number; readonly description: string | null }[] };
}

export async function adaCancels(world: World): Promise<Lines> {
  await world.as('ada').call('/billing/subscriptions', { method: 'DELETE' });
  return ['DELETE /v1/billing/subscriptions: not now, but when the paid period is over'];
}

async function openPortal(world: World, person: Person): Promise<string> {
  const json = { returnUrl: `${SHOP}/account` };
  return (await world.as(person).call<{ url: string }>('/billing/portal', { json })).url;
}

async function adasCustomer(world: World): Promise<string> {
  const { customers } = await world.stripe.control<{ customers: { id: string; email: string | null }[] }>(
    'GET',
    'state',
  );
  const ada = customers.find(({ email }) => email === 'ada@shop.example');
  if (!ada) throw new Error('Stripe knows no customer ada@shop.example.');
  return ada.id;
}

/** What a person would find on the page. @throws Error where it is not. */
function pick(page: string, pattern: RegExp, what: string): string {
  const found = pattern.exec(page)?.[1];
  if (found === undefined) throw new Error(`The page shows no ${what}.`);
  return found;
}

function outcome(result: FormResult): string {
  return 'problem' in result ? result.problem : 'accepted';
}
