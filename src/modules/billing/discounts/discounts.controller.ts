import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../../platform/database';
import { Authenticated, CurrentUser, PaymentAttempt, type UserIdentity } from '../../../platform/http';
import { DiscountPreview } from './discount-preview.service';
import { ValidateDiscountBody } from './dto/discounts.request.dto';
import { DiscountValidationResponse, toValidation } from './dto/discounts.response.dto';

@ApiTags('Billing')
@Controller('billing/discounts')
export class DiscountsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly preview: DiscountPreview,
  ) {}

  /** Limited as payments are, and counted with them: a code is guessed here or by trying to buy with it. */
  @Post('validate')
  @HttpCode(200)
  @Authenticated()
  @PaymentAttempt()
  @ApiOperation({ summary: 'What a discount code would give on a plan; takes nothing' })
  @ApiOkResponse({ type: DiscountValidationResponse })
  async validate(
    @CurrentUser() user: UserIdentity,
    @Body() { code, plan }: ValidateDiscountBody,
  ): Promise<DiscountValidationResponse> {
    return toValidation(await this.unitOfWork.service((tx) => this.preview.validate(tx, user.id, code, plan)));
  }
}
