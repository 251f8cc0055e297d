import fc from 'fast-check';
import type Stripe from 'stripe';
import { StripeSandboxError } from '../../sandbox/stripe/contract';
import { at, customerWith, harness, shop, subscribe, type Harness } from '../../sandbox/stripe/engine/harness';
import { snapshotOf, type StripeObject } from '../../src/providers/stripe/stripe-snapshots';
import { STRIPE_API_VERSION } from '../../src/providers/stripe/stripe-version';
import type { Fact } from '../../src/shared/facts';
import { allOf, type Playing } from './stripe-life-kind';
import { anyStep, takeStep, type LifeStep } from './stripe-life-steps';

export interface Life {
  /** 0 for none. */
  trialDays: number;
  /** What a trial that ends without a card does; null where there is a card from the beginning. */
  withoutCard?: 'pause' | 'cancel' | 'create_invoice' | null;
  /** Whether the calls are our own, so that Stripe's answers to them are known too. */
  ours?: boolean;
  steps: LifeStep[];
}

export interface PlayedLife {
  /** As Stripe would send them, in the order they happened. */
  readonly events: readonly Stripe.Event[];
  /** What readings and the answers to our own calls told, in the order they were begun. */
  readonly readings: readonly Fact[];
  /** The object as the sandbox has it in the end. */
  object(id: string): object | undefined;
  /** Every movement on the balance at Stripe, those of charges that are still to be captured included. */
  readonly movements: readonly { amount: number; fee: number; source: unknown }[];
  /** The customer's, as Stripe writes it: negative is in his favour. */
  readonly customerBalance: number;
  /** The credit notes of an invoice. */
  notesOf(invoiceId: string): string[];
  /** What reading the object in the end tells, a second after the last thing that happened. */
  lastLook(id: string): Fact[];
}

/** Short lives and long ones: left alone, fast-check draws mostly short ones, in which little can happen. */
const anySteps = fc.oneof(
  { weight: 1, arbitrary: fc.array(anyStep, { maxLength: 4 }) },
  { weight: 2, arbitrary: fc.array(anyStep, { minLength: 6, maxLength: 14 }) },
);
/** Nobody pays without a card, so such a life may get one. */
const anyStepsToCard = fc
  .tuple(anySteps, fc.boolean(), anySteps)
  .map(([before, pays, after]): LifeStep[] =>
    pays ? [{ do: 'wait', days: 31 }, ...before, { do: 'newCard' }, { do: 'resume' }, ...after] : before,
  );

/** Lives of up to 14 steps, with and without a trial, a card, readings and answers. */
export const anyLife: fc.Arbitrary<Life> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record<Life>({
      trialDays: fc.constantFrom(0, 14),
      ours: fc.boolean(),
      steps: anySteps,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record<Life>({
      trialDays: fc.constant(14),
      withoutCard: fc.constantFrom('pause' as const, 'cancel' as const, 'create_invoice' as const),
      ours: fc.boolean(),
      steps: anyStepsToCard,
    }),
  },
);

/** Trial, renewals, a failure and its recovery, a downgrade with credit, an upgrade, the end. */
export const fullLife: Life = {
  trialDays: 14,
  steps: [
    { do: 'wait', days: 16 },
    { do: 'card', behavior: 'insufficient_funds' },
    { do: 'wait', days: 32 },
    { do: 'card', behavior: 'succeeds' },
    { do: 'pay' },
    { do: 'wait', days: 9 },
    { do: 'plan', price: 'basic', now: true },
    { do: 'wait', days: 31 },
    { do: 'plan', price: 'pro', now: true },
    { do: 'cancel', now: false },
    { do: 'keep' },
    { do: 'cancel', now: false },
    { do: 'wait', days: 62 },
  ],
};

/** A trial that ends without a card and pauses, and goes on with one. */
export const pausedLife: Life = {
  trialDays: 14,
  withoutCard: 'pause',
  steps: [{ do: 'wait', days: 31 }, { do: 'newCard' }, { do: 'resume' }, { do: 'wait', days: 31 }],
};

/**
 * Money that goes back: refunds in part and in whole, one that comes home again; a dispute that is lost, won and lost; notes
 * on what is paid and on what is owed, of which one is taken back.
 */
export const moneyLife: Life = {
  trialDays: 0,
  steps: [
    { do: 'capture', later: true },
    { do: 'wait', days: 31 },
    { do: 'look', what: 'payment_intent', ago: 0 },
    { do: 'refund', ago: 1, share: 33, behavior: 'pending_then_fails' },
    { do: 'look', what: 'refund', ago: 0 },
    { do: 'wait', days: 9 },
    { do: 'refund', ago: 1, share: 33, behavior: 'succeeds' },
    { do: 'refund', ago: 1, share: 100, behavior: 'pending_then_succeeds' },
    { do: 'dispute', ago: 0, share: 100, inquiry: true },
    { do: 'decide', ago: 0, outcomes: ['needs_response', 'lost', 'won'] },
    { do: 'look', what: 'dispute', ago: 0 },
    { do: 'decide', ago: 0, outcomes: ['lost'] },
    { do: 'wait', days: 31 },
    { do: 'credit', ago: 0, share: 50, target: 'credit_amount' },
    { do: 'credit', ago: 0, share: 33, target: 'refund_amount' },
    { do: 'fail', behavior: 'insufficient_funds' },
    { do: 'credit', ago: 0, share: 33, target: 'credit_amount' },
    { do: 'look', what: 'credit_note', ago: 0 },
    { do: 'uncredit', ago: 0 },
    { do: 'credit', ago: 0, share: 50, target: 'credit_amount' },
    { do: 'recover' },
    { do: 'wait', days: 9 },
  ],
};

/** Plays a life in a Stripe of its own. What Stripe would refuse is refused, and the life goes on. */
export function play(life: Life): PlayedLife {
  const h = harness(at('2027-01-31T10:00:00Z'));
  const readings: Fact[] = [];
  const prices = shop(h);
  const hasCard = (life.withoutCard ?? null) === null;
  const { customer, card } = customerWith(h, hasCard ? 'pm_card_visa' : undefined);
  const { id } = subscribe(h, customer.id, prices.pro.id, {
    ...(life.trialDays > 0 && { trial_period_days: life.trialDays }),
    ...(!hasCard && { trial_settings: { end_behavior: { missing_payment_method: life.withoutCard } } }),
    metadata: { kassaCustomerId: 'cus_ours', kassaIntentId: 'int_ours' },
  });
  const tell = (objectId: string, by: 'read:evt' | 'answer:int'): void => {
    readings.push(...lookAt(h, objectId, h.now(), ownId(by, readings.length)));
  };
  const playing: Playing = {
    h:
      life.ours === true
        ? answering(h, `/v1/subscriptions/${id}`, () => {
            tell(id, 'answer:int');
          })
        : h,
    prices,
    customerId: customer.id,
    subscriptionId: id,
    card: hasCard ? card : null,
    readingOf: (objectId) => {
      tell(objectId, 'read:evt');
    },
  };
  for (const step of life.steps) {
    try {
      takeStep(playing, step);
    } catch (error) {
      if (!(error instanceof StripeSandboxError)) throw error;
    }
  }
  return {
    events: h.events.map((seen, i) => toEvent(seen, i)),
    readings,
    object: (objectId) => h.engine.store.get(objectId),
    movements: [
      ...allOf(h, 'balance_transaction'),
      ...allOf(h, 'charge')
        .filter(({ status, balance_transaction: booked }) => status === 'succeeded' && booked === null)
        .map(({ id: source, amount }) => ({ amount, fee: 0, source })),
    ],
    customerBalance: allOf(h, 'customer').find(({ id: own }) => own === customer.id)?.balance ?? 0,
    notesOf: (invoiceId) => allOf(h, 'credit_note').flatMap((note) => (note.invoice === invoiceId ? [note.id] : [])),
    lastLook: (objectId) => lookAt(h, objectId, h.now() + 1, ownId('read:evt', readings.length)),
  };
}

/** The same Stripe; each call that changes the object is followed by what its answer told. */
function answering(h: Harness, path: string, answered: () => void): Harness {
  return {
    ...h,
    call: (method, called, params) => {
      const answer = h.call(method, called, params);
      if (method !== 'GET' && called.startsWith(path)) answered();
      return answer;
    },
  };
}

/** Ids of ours sort by the time they were made at. */
function ownId(by: string, n: number): string {
  return `${by}_01k${String(n).padStart(23, '0')}`;
}

const OBJECT_TYPES: Readonly<Record<string, StripeObject['objectType']>> = {
  subscription: 'subscription',
  invoice: 'invoice',
  payment_intent: 'payment',
  charge: 'charge',
  refund: 'refund',
  dispute: 'dispute',
  credit_note: 'credit_note',
};

/** As our reader asks for it. */
const EXPANDED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  payment_intent: [['latest_charge', 'balance_transaction']],
  charge: [['balance_transaction']],
  refund: [['payment_intent'], ['balance_transaction'], ['failure_balance_transaction']],
  dispute: [['payment_intent']],
};

/** Puts the object that the first name is the id of in its place, and into it those of the other names. */
function expand(h: Harness, object: Record<string, unknown>, [name, ...more]: readonly string[]): void {
  const id = name === undefined ? undefined : object[name];
  const found = typeof id === 'string' ? h.engine.store.get(id) : undefined;
  if (name === undefined || !found) return;
  const copy = structuredClone(found) as unknown as Record<string, unknown>;
  object[name] = copy;
  expand(h, copy, more);
}

function lookAt(h: Harness, id: string, second: number, sourceId: string): Fact[] {
  const found = h.engine.store.get(id);
  const objectType = found && OBJECT_TYPES[found.object];
  if (!objectType) return [];
  const object = JSON.parse(JSON.stringify(found)) as Record<string, unknown>;
  for (const path of EXPANDED[found.object] ?? []) expand(h, object, path);
  const reading = { answeredAt: new Date(second * 1000), sourceId };
  const read = snapshotOf({ objectType, object } as unknown as StripeObject, reading);
  return read ? [...read.facts] : [];
}

/** Ids that sort otherwise than the events happened, as Stripe's do. */
function toEvent(seen: Harness['events'][number], i: number): Stripe.Event {
  const id = `evt_${((i * 7919 + 13) % 100_003).toString().padStart(6, '0')}`;
  const event = {
    id,
    object: 'event',
    api_version: STRIPE_API_VERSION,
    created: seen.created,
    livemode: false,
    type: seen.type,
    data: { object: seen.object, ...(seen.previous && { previous_attributes: seen.previous }) },
  };
  return JSON.parse(JSON.stringify(event)) as Stripe.Event;
}
