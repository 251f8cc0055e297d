import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../../platform/http';
import { toVerificationResponse, VerificationResponse } from './dto/verification.response.dto';
import { LedgerVerification } from './ledger-verification.service';

@ApiTags('Ledger')
@Controller('ledger')
export class ProofController {
  constructor(private readonly verification: LedgerVerification) {}

  @Get('verify')
  @Roles('finance', 'admin')
  @ApiOperation({
    summary:
      'Whether the books hold: balances, content, seals, templates, invoices. Within ten seconds, as far as it comes',
  })
  @ApiOkResponse({ type: VerificationResponse })
  async verify(): Promise<VerificationResponse> {
    return toVerificationResponse(await this.verification.quick());
  }
}
