import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { Acting, Authenticated, CurrentUser, Idempotent, PaymentAttempt, type UserIdentity } from '../../platform/http';
import { SetupBody } from './dto/payment-methods.request.dto';
import {
  SavedMethodList,
  SavedMethodResponse,
  SetupResponse,
  toSavedMethodResponse,
} from './dto/payment-methods.response.dto';
import { PaymentMethodsFlow } from './payment-methods.flow';

@ApiTags('Billing')
@Controller('billing/payment-methods')
export class PaymentMethodsController {
  constructor(private readonly methods: PaymentMethodsFlow) {}

  @Get()
  @Authenticated()
  @ApiOperation({ summary: "The signed-in user's payment methods, newest first" })
  @ApiOkResponse({ type: SavedMethodList })
  async list(@CurrentUser() user: UserIdentity): Promise<SavedMethodList> {
    return { data: (await this.methods.list(user)).map(toSavedMethodResponse), nextCursor: null };
  }

  @Post('setup')
  @Authenticated()
  @Idempotent()
  @PaymentAttempt()
  @ApiOperation({ summary: 'Begin to add a card or a US bank account; confirm it with the client secret' })
  @ApiCreatedResponse({ type: SetupResponse })
  async setUp(
    @CurrentUser() user: UserIdentity,
    @Body() { type }: SetupBody,
    @Acting() actor: Actor,
  ): Promise<SetupResponse> {
    return { clientSecret: await this.methods.setUp(user, type, actor) };
  }

  @Post(':id/default')
  @HttpCode(200)
  @Authenticated()
  @Idempotent()
  @ApiOperation({ summary: 'Charge renewals to it from now on' })
  @ApiOkResponse({ type: SavedMethodResponse })
  async makeDefault(
    @CurrentUser() user: UserIdentity,
    @Param('id') id: string,
    @Acting() actor: Actor,
  ): Promise<SavedMethodResponse> {
    return toSavedMethodResponse(await this.methods.makeDefault(user, id, actor));
  }

  @Delete(':id')
  @HttpCode(204)
  @Authenticated()
  @ApiOperation({ summary: 'Remove a payment method; nothing is charged to it any more' })
  @ApiNoContentResponse()
  async remove(@CurrentUser() user: UserIdentity, @Param('id') id: string, @Acting() actor: Actor): Promise<void> {
    await this.methods.remove(user, id, actor);
  }
}
