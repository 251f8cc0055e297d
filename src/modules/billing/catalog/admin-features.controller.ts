import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, PageQuery, Roles, type Page } from '../../../platform/http';
import { Outbox } from '../../../platform/outbox';
import { CatalogAdminRepository } from './catalog-admin.repository';
import { CatalogAdmin } from './catalog-admin.service';
import { CreateFeatureBody, RenameFeatureBody } from './dto/catalog.request.dto';
import { FeatureList, FeatureResponse, toFeature } from './dto/catalog.response.dto';

@ApiTags('Catalog')
@Controller('admin/features')
export class AdminFeaturesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: CatalogAdminRepository,
    private readonly catalog: CatalogAdmin,
    private readonly outbox: Outbox,
  ) {}

  @Get()
  @Roles('admin')
  @ApiOperation({ summary: 'All features, in the order they were made' })
  @ApiOkResponse({ type: FeatureList })
  async list(@Query() query: PageQuery): Promise<Page<FeatureResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.repository.features(tx, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toFeature);
  }

  @Post()
  @Roles('admin')
  @Idempotent()
  @ApiOperation({ summary: 'A new feature, which plans may then give' })
  @ApiCreatedResponse({ type: FeatureResponse })
  async create(@Body() body: CreateFeatureBody, @Acting() actor: Actor): Promise<FeatureResponse> {
    const { key, name, type } = body;
    return toFeature(await this.unitOfWork.service((tx) => this.catalog.createFeature(tx, { key, name, type }, actor)));
  }

  @Patch(':id')
  @Roles('admin')
  @ApiOperation({ summary: 'Rename a feature, by its id or its key; key and type never change' })
  @ApiOkResponse({ type: FeatureResponse })
  async rename(
    @Param('id') id: string,
    @Body() { name }: RenameFeatureBody,
    @Acting() actor: Actor,
  ): Promise<FeatureResponse> {
    const feature = await this.unitOfWork.service((tx) => this.catalog.renameFeature(tx, id, name, actor));
    this.outbox.wake();
    return toFeature(feature);
  }
}
