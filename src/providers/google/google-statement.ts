import { Injectable, Logger } from '@nestjs/common';
import { customerRefOf } from '../../shared/aggregate';
import { isAppError } from '../../shared/app-error';
import type { StatementLine } from '../../shared/statement-line';
import { UnitOfWork } from '../../platform/database';
import type { ListPage } from '../provider.port';
import type { StatementSource, TellingObject } from '../statement.port';
import { GoogleClient, type GoogleOrder } from './google-client';
import { earlierOrders, googleAggregate, isGiven, orderOfRefund } from './google-facts';
import { GoogleMissed } from './google-missed';
import { GooglePurchases, type KnownOrder, type KnownPurchase } from './google-purchases.repository';
import { GoogleReader } from './google-reader';
import { linesOfOrders } from './google-statement-lines';
import { isOrderId, isPurchaseToken } from './google-wire';

interface Range {
  from: Date;
  to: Date;
}

/** A purchase as far as its orders are concerned. */
interface Standing {
  /** Of each thing in it. */
  latestOrders: readonly string[];
  /** A tester's: nobody pays. */
  test: boolean;
}

/** What is beside that which we know: purchases and orders that Google named. */
interface Named {
  tokens: Set<string>;
  orders: Set<string>;
}

/** What was bought once is not asked for after that time: given back, it stands in the list of that. */
const ONCE_MS = 180 * 86_400_000;

/**
 * Google Play's account of our sales. It lists no movements by time but what was given back whole, for 30 days; else purchases that
 * are known here are asked for, and their orders. A purchase that nobody has told us of, nobody acknowledges: after three days Google
 * gives its money back, and it is listed. An order as it is now is all there is, and has no fee.
 */
@Injectable()
export class GoogleStatement implements StatementSource {
  private readonly logger = new Logger(GoogleStatement.name);
  readonly provider = 'google';
  /** The account is asked about our app alone. */
  readonly isShared = false;

  constructor(
    private readonly client: GoogleClient,
    private readonly reader: GoogleReader,
    private readonly missed: GoogleMissed,
    private readonly purchases: GooglePurchases,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  get on(): boolean {
    return this.client.isOn;
  }

  async lines(range: Range, page?: string): Promise<ListPage<StatementLine>> {
    const { items, next } = await this.missed.voidedIn({ since: range.from, until: range.to }, page ?? null);
    const named = new Map<string, Named>();
    for (const { purchaseToken, orderId } of items) {
      if (!isPurchaseToken(purchaseToken) || !isOrderId(orderId)) continue;
      const aggregate = await this.reader.aggregateOf(purchaseToken);
      const of = named.get(aggregate) ?? { tokens: new Set(), orders: new Set() };
      named.set(aggregate, of);
      of.tokens.add(purchaseToken);
      of.orders.add(orderId);
    }
    const lines: StatementLine[] = [];
    for (const [aggregate, of] of named) {
      const { chain, orders } = await this.known(aggregate);
      lines.push(...(await this.linesOfAll(aggregate, chain, orders, of)).filter(isIn(range)));
    }
    return { items: lines, next };
  }

  /** Of all purchases that replaced one another. */
  async linesOfCustomer(rootToken: string, range: Range): Promise<StatementLine[]> {
    const aggregate = googleAggregate(rootToken);
    const { chain, orders } = await this.known(aggregate);
    const longAgo = range.from.getTime() - ONCE_MS;
    const isPast =
      chain.length > 0 &&
      chain.every(({ payload }) => payload.kind === 'product' && payload.ended) &&
      orders.every(({ createdAt }) => Date.parse(createdAt) < longAgo);
    if (isPast) return [];
    const named = { tokens: new Set(chain.length === 0 ? [rootToken] : []), orders: new Set<string>() };
    return (await this.linesOfAll(aggregate, chain, orders, named)).filter(isIn(range));
  }

  async linesOf(objectRef: string): Promise<StatementLine[]> {
    const orderId = orderOfRefund(objectRef);
    const order = isOrderId(orderId) ? (await this.client.order(orderId))?.value : null;
    const token = order?.purchaseToken;
    return order && token ? this.read([order], await this.reader.aggregateOf(token)) : [];
  }

  whose({ aggregate }: StatementLine): Promise<string | null> {
    return Promise.resolve(aggregate);
  }

  /** An order is read with the purchase it is of: what was not told of the money was not told of access either. */
  telling({ kind, objectRef, aggregate }: StatementLine): Promise<TellingObject[]> {
    if (objectRef === null || aggregate === null) return Promise.resolve([]);
    return Promise.resolve([{ objectType: kind === 'refund' ? 'refund' : 'payment', objectId: objectRef, aggregate }]);
  }

  /** Google takes no refund back, and an order that it does not have cannot be read. */
  tellingOf(): Promise<TellingObject[]> {
    return Promise.resolve([]);
  }

  private known(aggregate: string): Promise<{ chain: KnownPurchase[]; orders: KnownOrder[] }> {
    return this.unitOfWork.service(async (tx) => ({
      chain: await this.purchases.chainOf(tx, customerRefOf(aggregate), aggregate),
      orders: await this.purchases.ordersOf(tx, aggregate),
    }));
  }

  /** Purchases that have ended were read when they had, and all their orders with them. */
  private async linesOfAll(
    aggregate: string,
    chain: readonly KnownPurchase[],
    orders: readonly KnownOrder[],
    named: Named,
  ): Promise<StatementLine[]> {
    const kinds = new Map(chain.map(({ token, payload }) => [token, payload.kind]));
    const open = chain.flatMap(({ token, payload }) => (payload.ended ? [] : [token]));
    const unheard = [...named.tokens].filter((token) => !kinds.has(token));
    const standings = new Map<string, Standing>();
    for (const token of [...open, ...unheard]) {
      const standing = await this.standingOf(token, kinds.get(token) ?? null);
      if (standing) standings.set(token, standing);
    }
    const latest = [...standings.values()].flatMap(({ latestOrders }) => latestOrders);
    const last = [...orders.map(({ orderId }) => orderId), ...named.orders, ...latest];
    const ids = new Set(last.flatMap((id) => [id, ...earlierOrders(id)]));
    const free = new Set(orders.flatMap((order) => (order.free ? [order.orderId] : [])));
    // Of a tester's purchase Google has forgotten that it was one.
    const isTest = ({ orderId, purchaseToken }: GoogleOrder): boolean =>
      standings.get(purchaseToken ?? '')?.test ?? free.has(orderId ?? '');
    const found = await this.client.orders([...ids]);
    return this.read(
      found.filter((order) => !isTest(order)),
      aggregate,
    );
  }

  private async standingOf(token: string, kind: 'subscription' | 'product' | null): Promise<Standing | null> {
    const subscription = kind === 'product' ? null : await this.client.subscription(token);
    if (subscription) {
      const { lineItems, testPurchase } = subscription.value;
      const ids = (lineItems ?? []).map(({ latestSuccessfulOrderId }) => latestSuccessfulOrderId);
      return { latestOrders: ids.filter(isOrderId), test: isGiven(testPurchase) };
    }
    const product = kind === 'subscription' ? null : await this.client.product(token);
    if (!product) return null;
    const { orderId, testPurchaseContext } = product.value;
    return { latestOrders: isOrderId(orderId) ? [orderId] : [], test: isGiven(testPurchaseContext) };
  }

  /** What nobody can read, as in a currency nobody knows, is told of by the event it came with. */
  private read(orders: readonly GoogleOrder[], aggregate: string): StatementLine[] {
    return linesOfOrders(orders, aggregate, (orderId, error) => {
      if (!isAppError(error)) throw error;
      this.logger.warn(`Google's order ${orderId} is left out of its statement: ${error.code}`);
    });
  }
}

function isIn({ from, to }: Range): (line: StatementLine) => boolean {
  return ({ createdAt }) => createdAt >= from && createdAt < to;
}
