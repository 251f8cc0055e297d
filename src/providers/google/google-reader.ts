import { Injectable } from '@nestjs/common';
import { customerRefOf } from '../../shared/aggregate';
import { Clock } from '../../shared/clock';
import type { FactObjectType } from '../../shared/facts';
import { newId } from '../../shared/ids';
import { UnitOfWork } from '../../platform/database';
import { FactStoreRepository, objectKeyText, type ObjectKey } from '../../platform/facts';
import type { ReadResult } from '../provider.port';
import { GoogleClient, type Answered, type GoogleOrder, type GoogleSubscription } from './google-client';
import {
  earlierOrders,
  googleAggregate,
  isAcknowledged,
  isGiven,
  itemOf,
  orderFacts,
  orderOfRefund,
  ownerOf,
  ownerOfProduct,
  productFacts,
  productOf,
  productRefOf,
  returnedOf,
  subscriptionFacts,
  type Chain,
  type OrderOf,
  type Said,
} from './google-facts';
import { GooglePurchases, type KnownPurchase } from './google-purchases.repository';
import { isOrderId, isPurchaseToken } from './google-wire';

/** A purchase as Google has it now. */
export interface GooglePurchase {
  reading: ReadResult;
  /** As our catalog names it: subscriptions `product:base-plan`, what is bought once `product`. */
  productId: string;
  /** Our customer it was made for, as the app said then; null where it did not say. */
  ownerId: string | null;
  acknowledged: boolean;
  /** In Google's words. */
  state: string;
  /** The purchase it stands in the place of. */
  linkedToken: string | null;
}

/** Longer chains than this nobody has bought. */
const MAX_LINKS = 20;
/** More lost renewals than this are not made good by one reading; the next makes good as many. */
const MAX_EARLIER = 60;

/**
 * Asks the Play Developer API. A reading is told at the second in which Google answered, by its own clock: what it shows was
 * so then, whatever had brought us to ask.
 */
@Injectable()
export class GoogleReader {
  constructor(
    private readonly client: GoogleClient,
    private readonly unitOfWork: UnitOfWork,
    private readonly purchases: GooglePurchases,
    private readonly facts: FactStoreRepository,
    private readonly clock: Clock,
  ) {}

  /** Null where Google has no such object. @throws what the failure of Google's is called. */
  async read(objectType: FactObjectType, objectId: string, sourceId: string): Promise<ReadResult | null> {
    switch (objectType) {
      case 'purchase':
        return (await this.purchase(objectId, sourceId))?.reading ?? null;
      case 'subscription':
        return (await this.purchase(await this.newestOf(objectId), sourceId))?.reading ?? null;
      case 'invoice':
      case 'payment':
        return this.readOrder(objectId, sourceId);
      case 'refund':
        return this.readOrder(orderOfRefund(objectId), sourceId);
      default:
        return null;
    }
  }

  /**
   * A subscription's purchase; null where Google has none of this token. @param sourceId under which the reading is told.
   * @throws as `read`.
   */
  async subscription(token: string, sourceId = this.newSource(), also?: GoogleOrder): Promise<GooglePurchase | null> {
    const answer = isPurchaseToken(token) ? await this.client.subscription(token) : null;
    if (!answer) return null;
    const { value, at } = answer;
    const chain = await this.chainOf(token, value);
    const item = itemOf(value);
    const [latest, ...others] = await this.ordersOf(item.latestSuccessfulOrderId ?? null, also);
    const said: Said = { occurredAt: at, sourceId };
    const of: OrderOf = {
      ...{ root: chain.root, ownerId: ownerOf(value), renews: true },
      replaces: isGiven(value.linkedPurchaseToken),
      test: isGiven(value.testPurchase),
      returned: 0,
    };
    const money = [latest ?? null, ...others].flatMap((order) => (order ? orderFacts(order, of, said) : []));
    const facts = [...subscriptionFacts(token, value, latest ?? null, chain, said), ...money];
    return {
      reading: { aggregate: googleAggregate(chain.root), facts },
      productId: productRefOf(item),
      ownerId: of.ownerId,
      acknowledged: isAcknowledged(value.acknowledgementState),
      state: value.subscriptionState ?? '',
      linkedToken: value.linkedPurchaseToken ?? null,
    };
  }

  /** A one-time purchase; null where Google has none of this token, or it is of another product. @throws as `read`. */
  async product(productId: string, token: string, sourceId = this.newSource()): Promise<GooglePurchase | null> {
    const purchase = await this.anyProduct(token, sourceId);
    return purchase?.productId === productId ? purchase : null;
  }

  /** The customer of ours a purchase was made for; null where it does not say, or there is no such purchase. */
  async ownerOf(rootToken: string): Promise<string | null> {
    const tokens = new Set([await this.newestOf(rootToken), rootToken]);
    for (const token of tokens) {
      const ownerId = (await this.purchase(token, this.newSource()))?.ownerId ?? null;
      if (ownerId !== null) return ownerId;
    }
    return null;
  }

  /** What a purchase is told under. */
  async aggregateOf(token: string): Promise<string> {
    const [known] = placeOf(token, await this.known(token));
    if (known) return known.aggregate;
    const linked = (await this.client.subscription(token))?.value.linkedPurchaseToken ?? null;
    return googleAggregate(await this.rootOf(token, linked));
  }

  /** Whatever it is of. */
  private async purchase(token: string, sourceId: string, also?: GoogleOrder): Promise<GooglePurchase | null> {
    return (await this.subscription(token, sourceId, also)) ?? (await this.anyProduct(token, sourceId));
  }

  private async anyProduct(token: string, sourceId: string): Promise<GooglePurchase | null> {
    const answer = isPurchaseToken(token) ? await this.client.product(token) : null;
    if (!answer) return null;
    const { value, at } = answer;
    const said: Said = { occurredAt: at, sourceId };
    const order = value.orderId ? await this.client.order(value.orderId) : null;
    const of: OrderOf = {
      ...{ root: token, ownerId: ownerOfProduct(value), renews: false, replaces: false },
      test: isGiven(value.testPurchaseContext),
      returned: returnedOf(value),
    };
    const facts = [...productFacts(token, value, said), ...(order ? orderFacts(order.value, of, said) : [])];
    return {
      reading: { aggregate: googleAggregate(token), facts },
      productId: productOf(value),
      ownerId: of.ownerId,
      acknowledged: isAcknowledged(value.acknowledgementState),
      state: value.purchaseStateContext?.purchaseState ?? '',
      linkedToken: null,
    };
  }

  /** An order with the purchase it is of; of a purchase that Google has forgotten, its money alone. */
  private async readOrder(orderId: string, sourceId: string): Promise<ReadResult | null> {
    const answer = isOrderId(orderId) ? await this.client.order(orderId) : null;
    const token = answer?.value.purchaseToken;
    if (!answer || !token) return null;
    const purchase = await this.purchase(token, sourceId, answer.value);
    return purchase ? purchase.reading : this.forgotten(token, answer, sourceId);
  }

  private async forgotten(token: string, { value, at }: Answered<GoogleOrder>, sourceId: string): Promise<ReadResult> {
    const [known, root] = placeOf(token, await this.known(token));
    const aggregate = googleAggregate(root);
    const told = await this.unitOfWork.service((tx) => this.purchases.ordersOf(tx, aggregate));
    const of: OrderOf = {
      ...{ root, ownerId: null },
      // Google has forgotten that it was a tester's, too.
      test: told.some(({ orderId, free }) => free && orderId === value.orderId),
      renews: known ? known.payload.kind === 'subscription' : isGiven(value.lineItems?.[0]?.subscriptionDetails),
      replaces: isGiven(known?.payload.replacesRef),
      returned: known?.payload.returned ?? 0,
    };
    return { aggregate, facts: orderFacts(value, of, { occurredAt: at, sourceId }) };
  }

  /** The latest order first, then the one that was asked about, and those before it that nobody has told us of. */
  private async ordersOf(latestId: string | null, also?: GoogleOrder): Promise<(GoogleOrder | null)[]> {
    if (latestId === null) return [null, also ?? null];
    const untold = await this.untoldAmong(earlierOrders(latestId).slice(0, MAX_EARLIER));
    const ids = untold.filter((id) => id !== also?.orderId);
    const orders: (GoogleOrder | null)[] = [];
    for (const id of [latestId, ...ids]) {
      orders.push(id === also?.orderId ? also : ((await this.client.order(id))?.value ?? null));
    }
    return also && also.orderId !== latestId ? [...orders, also] : orders;
  }

  private async untoldAmong(orderIds: readonly string[]): Promise<string[]> {
    const keyOf = (objectId: string): ObjectKey => ({ provider: 'google', objectType: 'invoice', objectId });
    const known = await this.unitOfWork.service((tx) => this.facts.aggregatesOf(tx, orderIds.map(keyOf)));
    return orderIds.filter((id) => !known.has(objectKeyText(keyOf(id))));
  }

  /** What it belongs to: as it was told first, else by what Google says it replaces. */
  private async chainOf(token: string, { linkedPurchaseToken: linked }: GoogleSubscription): Promise<Chain> {
    const chain = await this.known(token);
    const [known] = placeOf(token, chain);
    const root = known ? customerRefOf(known.aggregate) : await this.rootOf(token, linked ?? null);
    const family = known ? chain : [...chain, ...(await this.known(root))];
    const begins = family.flatMap(({ payload }) => payload.completedAt ?? []).sort();
    const replaced = family.some(({ payload }) => payload.replacesRef === token);
    return { root, since: begins[0] ?? null, replaced };
  }

  private async rootOf(token: string, linked: string | null): Promise<string> {
    let [root, next] = [token, linked];
    for (let links = 0; next !== null && links < MAX_LINKS; links += 1) {
      const [known, place] = placeOf(next, await this.known(next));
      if (known) return place;
      root = next;
      next = (await this.client.subscription(next))?.value.linkedPurchaseToken ?? null;
    }
    return root;
  }

  /** The purchase that stands at the end of those that replaced one another. */
  private async newestOf(rootToken: string): Promise<string> {
    const chain = await this.known(rootToken);
    const after = new Map(chain.map(({ token, payload }) => [payload.replacesRef, token]));
    let newest = rootToken;
    for (let links = 0; links < chain.length; links += 1) newest = after.get(newest) ?? newest;
    return newest;
  }

  private known(token: string): Promise<KnownPurchase[]> {
    return this.unitOfWork.service((tx) => this.purchases.chainOf(tx, token, googleAggregate(token)));
  }

  private newSource(): string {
    return `read:${newId('evt', this.clock.wall().getTime())}`;
  }
}

/** A token among those that are known, and what it belongs to. */
function placeOf(token: string, chain: readonly KnownPurchase[]): [KnownPurchase | undefined, string] {
  const known = chain.find((one) => one.token === token);
  return [known, known ? customerRefOf(known.aggregate) : token];
}
