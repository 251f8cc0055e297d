import { Injectable } from '@nestjs/common';
import { Clock } from '../../../shared/clock';
import { AuditLog, type Actor } from '../../../platform/audit';
import type { Tx } from '../../../platform/database';
import { invalidInput } from '../../../platform/http';
import { InboxOperationsRepository } from '../../../platform/inbox';
import { Outbox } from '../../../platform/outbox';
import type { Store } from '../domain/store';
import { IAP_EVENTS, type ProductAddedPayload } from '../iap.events';
import {
  changesTerms,
  isSoldAs,
  termProblems,
  type IapProduct,
  type ProductKind,
  type ProductTerms,
} from './domain/product';
import { IapProductsRepository, type ResolvedTerms } from './iap-products.repository';
import {
  featureNotCountable,
  noBasePlan,
  productExists,
  productFeatureNotFound,
  productInUse,
  productNotFound,
  productPlanNotFound,
} from './iap-products.errors';

export interface NewProduct extends ProductTerms {
  store: Store;
  productId: string;
  kind: ProductKind;
  active: boolean;
}

/** What is undefined stays as it is. */
export type ProductChanges = { [K in keyof ProductTerms]?: ProductTerms[K] | undefined } & {
  active?: boolean | undefined;
};

/** Rows put back in one statement. */
const BATCH = 10_000;

/** Says which of our plans and features a store's products are. Each change is audited. */
@Injectable()
export class IapProducts {
  constructor(
    private readonly products: IapProductsRepository,
    private readonly inbox: InboxOperationsRepository,
    private readonly audit: AuditLog,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * What was bought of it before is applied: its events failed for want of it, and are worked once more.
   * @throws PRODUCT_EXISTS, PLAN_NOT_FOUND, FEATURE_NOT_FOUND, INVALID_INPUT.
   */
  async create(tx: Tx, product: NewProduct, actor: Actor): Promise<IapProduct> {
    const { store, productId } = product;
    if (!isSoldAs(store, product.kind, productId)) throw noBasePlan();
    const resolved = await this.resolve(tx, product.kind, product);
    if (!(await this.products.insert(tx, product, resolved))) throw productExists(store, productId);
    const made = await this.found(tx, store, productId);
    await this.record(tx, actor, 'iap_product.create', made, { after: recordOf(made) });
    await this.workAgain(tx, store, productId);
    const told = { provider: store, productId } satisfies ProductAddedPayload;
    await this.outbox.append(tx, [
      {
        ...{ type: IAP_EVENTS.productAdded, objectType: 'iap_product', objectId: `${store}:${productId}` },
        ...{ customerId: null, payload: told, occurredAt: this.clock.now() },
      },
    ]);
    return made;
  }

  /** @throws PRODUCT_NOT_FOUND, PRODUCT_IN_USE for other terms of what was bought, PLAN_NOT_FOUND, FEATURE_NOT_FOUND, INVALID_INPUT. */
  async change(tx: Tx, store: Store, productId: string, changes: ProductChanges, actor: Actor): Promise<IapProduct> {
    const before = await this.held(tx, store, productId);
    const { plan = before.plan, billingCycle = before.billingCycle, feature = before.feature } = changes;
    const { quantity = before.quantity, active = before.active } = changes;
    const after: IapProduct = { ...before, plan, billingCycle, feature, quantity, active };
    const changed = changesTerms(before, after);
    if (changed && before.used) throw productInUse(store, productId);
    if (!changed && before.active === after.active) return before;
    await this.products.update(tx, after, await this.resolve(tx, after.kind, after));
    await this.record(tx, actor, 'iap_product.update', after, { before: recordOf(before), after: recordOf(after) });
    return this.found(tx, store, productId);
  }

  /** @throws PRODUCT_NOT_FOUND, PRODUCT_IN_USE. */
  async remove(tx: Tx, store: Store, productId: string, actor: Actor): Promise<void> {
    const before = await this.held(tx, store, productId);
    if (before.used) throw productInUse(store, productId);
    await this.products.remove(tx, store, productId);
    await this.record(tx, actor, 'iap_product.delete', before, { before: recordOf(before) });
  }

  private async workAgain(tx: Tx, provider: Store, productId: string): Promise<void> {
    const failedFor = { code: 'PRICE_UNKNOWN', details: { priceRef: productId } };
    let requeued: number;
    do requeued = await this.inbox.requeueMatching(tx, { provider, statuses: ['failed'], failedFor }, BATCH);
    while (requeued === BATCH);
  }

  private async resolve(tx: Tx, kind: ProductKind, terms: ProductTerms): Promise<ResolvedTerms> {
    const problems = termProblems(kind, terms);
    if (problems.length > 0) throw invalidInput(problems);
    const resolved = await this.products.resolve(tx, terms);
    if (terms.plan !== null && resolved.planId === null) throw productPlanNotFound(terms.plan);
    if (terms.feature !== null && resolved.featureId === null) throw productFeatureNotFound(terms.feature);
    if (terms.feature !== null && resolved.featureType === 'boolean') throw featureNotCountable();
    return resolved;
  }

  private async held(tx: Tx, store: Store, productId: string): Promise<IapProduct> {
    if (!(await this.products.lock(tx, store, productId))) throw productNotFound(productId);
    return this.found(tx, store, productId);
  }

  private async found(tx: Tx, store: Store, productId: string): Promise<IapProduct> {
    const product = await this.products.find(tx, store, productId);
    if (!product) throw productNotFound(productId);
    return product;
  }

  private record(
    tx: Tx,
    actor: Actor,
    action: string,
    { store, productId }: IapProduct,
    states: { before?: object; after?: object },
  ): Promise<void> {
    const object = { objectType: 'iap_product', objectId: `${store}:${productId}`, customerId: null };
    return this.audit.record(tx, { actor, action, ...object, ...states });
  }
}

function recordOf({ kind, plan, billingCycle, feature, quantity, active }: IapProduct): object {
  return { kind, plan, billingCycle, feature, quantity, active };
}
