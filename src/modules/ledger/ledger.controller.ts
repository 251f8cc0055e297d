import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { amountToJson } from '../../shared/money';
import { UnitOfWork } from '../../platform/database';
import { Roles } from '../../platform/http';
import { BalancesResponse } from './dto/ledger.response.dto';
import { LedgerService } from './ledger.service';

@ApiTags('Ledger')
@Controller('ledger')
export class LedgerController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly ledger: LedgerService,
  ) {}

  @Get('balances')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Balance of every account, per currency' })
  @ApiOkResponse({ type: BalancesResponse })
  async balances(): Promise<BalancesResponse> {
    const balances = await this.unitOfWork.service((tx) => this.ledger.balances(tx));
    return {
      data: balances.map(({ account, type, balance, currency }) => ({
        account,
        type,
        amount: amountToJson(balance),
        currency,
      })),
    };
  }
}
