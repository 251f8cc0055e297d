import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../../platform/http';
import { Outbox } from '../../../platform/outbox';
import { QUEUES, WakeService } from '../../../platform/queue';
import { STORES, type Store } from '../domain/store';
import { ChangeProductBody, CreateProductBody, ProductsQuery } from './dto/iap-products.request.dto';
import { ProductList, ProductResponse, toProduct } from './dto/iap-products.response.dto';
import { productNotFound } from './iap-products.errors';
import { IapProductsRepository } from './iap-products.repository';
import { IapProducts } from './iap-products.service';

@ApiTags('In-app purchases')
@Controller('admin/iap/products')
export class IapProductsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: IapProductsRepository,
    private readonly products: IapProducts,
    private readonly wakes: WakeService,
    private readonly outbox: Outbox,
  ) {}

  @Get()
  @Roles('admin')
  @ApiOperation({ summary: 'What is sold in the stores, and which of our plans and features it is' })
  @ApiOkResponse({ type: ProductList })
  async list(@Query() query: ProductsQuery): Promise<Page<ProductResponse>> {
    const { provider: store, active, limit, cursor } = query;
    const after = decodeCursor(cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.repository.list(tx, { store, active }, limit + 1, after));
    return pageOf(
      rows,
      limit,
      ({ createdAt, store: of, productId }) => ({ createdAt, id: `${of}:${productId}` }),
      toProduct,
    );
  }

  @Post()
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'Say what a product of a store is; what was bought of it before counts from now on' })
  @ApiCreatedResponse({ type: ProductResponse })
  async create(@Body() body: CreateProductBody, @Acting() actor: Actor): Promise<ProductResponse> {
    const { provider: store, productId, kind, active = true } = body;
    const { plan = null, billingCycle = null, feature = null, quantity = null } = body;
    const product = { store, productId, kind, active, plan, billingCycle, feature, quantity };
    const made = await this.unitOfWork.service((tx) => this.products.create(tx, product, actor));
    this.wakes.wake(QUEUES.webhooks);
    this.outbox.wake();
    return toProduct(made);
  }

  @Patch(':provider/:productId')
  @Roles('admin')
  @ApiOperation({ summary: 'Take a product off sale; as long as nobody has bought it, change what it is' })
  @ApiOkResponse({ type: ProductResponse })
  async change(
    @Param('provider') provider: string,
    @Param('productId') productId: string,
    @Body() { plan, billingCycle, feature, quantity, active }: ChangeProductBody,
    @Acting() actor: Actor,
  ): Promise<ProductResponse> {
    const store = storeOf(provider, productId);
    const changes = { plan, billingCycle, feature, quantity, active };
    return toProduct(await this.unitOfWork.service((tx) => this.products.change(tx, store, productId, changes, actor)));
  }

  @Delete(':provider/:productId')
  @HttpCode(204)
  @Roles('admin')
  @ApiOperation({ summary: 'Forget a product that nobody has bought' })
  @ApiNoContentResponse()
  async remove(
    @Param('provider') provider: string,
    @Param('productId') productId: string,
    @Acting() actor: Actor,
  ): Promise<void> {
    const store = storeOf(provider, productId);
    await this.unitOfWork.service((tx) => this.products.remove(tx, store, productId, actor));
  }
}

/** @throws PRODUCT_NOT_FOUND for what is no store. */
function storeOf(provider: string, productId: string): Store {
  const store = STORES.find((one) => one === provider);
  if (!store) throw productNotFound(productId);
  return store;
}
