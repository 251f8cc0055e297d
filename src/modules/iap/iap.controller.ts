import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../platform/database';
import { Authenticated, CurrentUser, type UserIdentity } from '../../platform/http';
import { appAccountTokenOf } from '../../providers/apple';
import { CustomersService } from '../customers';
import { EntitlementsService, toEntitlements } from '../entitlements';
import { claimOf, claimsOf, EligibilityQuery, RestoreBody, STORE_OF, ValidateBody } from './dto/iap.request.dto';
import {
  EligibilityResponse,
  IdentityResponse,
  RestoredResponse,
  toEligibility,
  toRestored,
  toValidated,
  ValidatedResponse,
} from './dto/iap.response.dto';
import { PurchaseEligibility } from './eligibility/purchase-eligibility.service';
import { ReceiptValidation } from './receipts/validation.flow';

@ApiTags('In-app purchases')
@Controller('iap')
export class IapController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly customers: CustomersService,
    private readonly validation: ReceiptValidation,
    private readonly entitlements: EntitlementsService,
    private readonly purchases: PurchaseEligibility,
  ) {}

  @Get('identity')
  @Authenticated()
  @ApiOperation({ summary: 'What the app hands to the store at a purchase, so that it says whose it is' })
  @ApiOkResponse({ type: IdentityResponse })
  async identity(@CurrentUser() user: UserIdentity): Promise<IdentityResponse> {
    const identity = { id: user.id, email: user.email ?? null };
    const { id } = await this.unitOfWork.user(user.id, (tx) => this.customers.ensure(tx, identity));
    const token = appAccountTokenOf(id);
    return { appAccountToken: token, obfuscatedExternalAccountId: token };
  }

  @Get('eligibility')
  @Authenticated()
  @ApiOperation({ summary: 'Whether buying a product would give something new, asked before the store is' })
  @ApiOkResponse({ type: EligibilityResponse })
  async eligibility(@CurrentUser() user: UserIdentity, @Query() query: EligibilityQuery): Promise<EligibilityResponse> {
    const { productId, platform } = query;
    const store = platform === undefined ? null : STORE_OF[platform];
    const answer = await this.unitOfWork.service((tx) => this.purchases.of(tx, user.id, productId, store));
    return toEligibility(answer);
  }

  @Post('validate')
  @HttpCode(200)
  @Authenticated()
  @ApiOperation({
    summary: 'Take in a purchase: its store is asked what has become of it',
    description:
      'Safe to repeat, at each start of the app too. A purchase that names no user becomes his who shows it first.',
  })
  @ApiOkResponse({ type: ValidatedResponse })
  async validate(@CurrentUser() user: UserIdentity, @Body() body: ValidateBody): Promise<ValidatedResponse> {
    const taken = await this.validation.validate(user, claimOf(body));
    return toValidated(taken, toEntitlements(await this.entitlements.ofUserAnew(user.id)));
  }

  @Post('restore')
  @HttpCode(200)
  @Authenticated()
  @ApiOperation({ summary: 'Take in all that was bought with a store account, on a new device for one' })
  @ApiOkResponse({ type: RestoredResponse })
  async restore(@CurrentUser() user: UserIdentity, @Body() body: RestoreBody): Promise<RestoredResponse> {
    const { taken, refused } = await this.validation.restore(user, claimsOf(body));
    return toRestored(taken, refused, toEntitlements(await this.entitlements.ofUserAnew(user.id)));
  }
}
