import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { Acting, invalidInput, Roles } from '../../../platform/http';
import { EraseBody, ErasureResponse, toErasure } from './dto/erasure.dto';
import { ErasureFlow } from './erasure.flow';

@ApiTags('Operators')
@Controller('admin/customers')
export class ErasureController {
  constructor(private readonly erasures: ErasureFlow) {}

  @Post(':id/erase')
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({
    summary: 'Erase a person, here and at the provider',
    description:
      'Refused while a subscription runs, or an invoice, a dispute or a payout to him is open. Safe to repeat.',
  })
  @ApiOkResponse({ type: ErasureResponse })
  async erase(@Param('id') id: string, @Body() body: EraseBody, @Acting() actor: Actor): Promise<ErasureResponse> {
    if (body.customerId !== id) {
      throw invalidInput([{ field: 'customerId', message: 'must be the id in the address' }]);
    }
    return toErasure(await this.erasures.erase(id, body.also ?? [], actor));
  }
}
