import { Controller, Get, Param, Query, type OnModuleInit } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Authenticated, CurrentUser, HotReads, Internal, type HotRead, type UserIdentity } from '../../platform/http';
import { CheckQuery, FEATURE_KEY } from './dto/entitlements.request.dto';
import {
  EntitlementCheckResponse,
  EntitlementsResponse,
  FeatureAccessResponse,
  toCheck,
  toEntitlements,
} from './dto/entitlements.response.dto';
import { EntitlementsService } from './entitlements.service';

/** Spelled otherwise, it goes the usual way. */
const CHECK_QUERY = new RegExp(`^feature=(${FEATURE_KEY.source.slice(1, -1)})$`);

@ApiTags('Entitlements')
@ApiExtraModels(FeatureAccessResponse)
@Controller('entitlements')
export class EntitlementsController implements HotRead, OnModuleInit {
  readonly path = '/entitlements/check';
  readonly for = 'user';

  constructor(
    private readonly entitlements: EntitlementsService,
    private readonly hot: HotReads,
  ) {}

  onModuleInit(): void {
    this.hot.register(this);
  }

  /** As `check`, of what is cached. */
  async answer(query: string, userId: string): Promise<string | undefined> {
    const key = CHECK_QUERY.exec(query)?.[1];
    const known = key === undefined ? null : await this.entitlements.checkCached(userId, key);
    return known ? JSON.stringify(toCheck(known.access, known.reason)) : undefined;
  }

  @Get('me')
  @Authenticated()
  @ApiOperation({ summary: 'What the signed-in user may use, and why' })
  @ApiOkResponse({ type: EntitlementsResponse })
  async mine(@CurrentUser() user: UserIdentity): Promise<EntitlementsResponse> {
    return toEntitlements(await this.entitlements.ofUser(user.id));
  }

  @Get('check')
  @Authenticated()
  @ApiOperation({ summary: 'Whether the signed-in user may use one feature now' })
  @ApiOkResponse({ type: EntitlementCheckResponse })
  async check(@CurrentUser() user: UserIdentity, @Query() query: CheckQuery): Promise<EntitlementCheckResponse> {
    const { access, reason } = await this.entitlements.check(user.id, query.feature);
    return toCheck(access, reason);
  }

  @Get('users/:userId')
  @Internal()
  @ApiOperation({ summary: 'What a user may use, for our own servers' })
  @ApiOkResponse({ type: EntitlementsResponse })
  async ofUser(@Param('userId') userId: string): Promise<EntitlementsResponse> {
    return toEntitlements(await this.entitlements.ofUser(userId));
  }
}
