import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { amountToJson } from '../../shared/money';
import { UnitOfWork } from '../../platform/database';
import { decodeCursor, pageOf, Roles, type Page } from '../../platform/http';
import { BalancesResponse } from './dto/ledger.response.dto';
import { AccountStatements } from './reads/account-statement.service';
import { BalancesRepository } from './reads/balances.repository';
import { BalancesQuery, EntriesQuery, StatementQuery } from './reads/dto/reads.request.dto';
import {
  LedgerEntryList,
  StatementResponse,
  toLedgerEntry,
  toStatement,
  toStatementLine,
  type LedgerEntryResponse,
} from './reads/dto/reads.response.dto';
import { LedgerStreamRepository } from './reads/ledger-stream.repository';

const placeOf = ({ ts, id }: { ts: Date; id: string }) => ({ createdAt: ts, id });

@ApiTags('Ledger')
@Controller('ledger')
export class LedgerController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly stream: LedgerStreamRepository,
    private readonly balancesAt: BalancesRepository,
    private readonly statements: AccountStatements,
  ) {}

  @Get('entries')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Facts and journal in one stream, newest first' })
  @ApiOkResponse({ type: LedgerEntryList })
  async entries(@Query() { limit, cursor, ...filter }: EntriesQuery): Promise<Page<LedgerEntryResponse>> {
    const after = decodeCursor(cursor);
    const rows = await this.unitOfWork.service((tx) => this.stream.list(tx, filter, limit + 1, after));
    return pageOf(rows, limit, placeOf, toLedgerEntry);
  }

  @Get('balances')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'Balance of every account, per currency, now or as of any past moment' })
  @ApiOkResponse({ type: BalancesResponse })
  async balances(@Query() { at, asKnownAt }: BalancesQuery): Promise<BalancesResponse> {
    const balances = await this.unitOfWork.service((tx) => this.balancesAt.asOf(tx, at ?? null, asKnownAt ?? null));
    return {
      data: balances.map(({ account, type, balance, currency }) => ({
        account,
        type,
        amount: amountToJson(balance),
        currency,
      })),
    };
  }

  @Get('accounts/:code/statement')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'What moved an account in a period, oldest first, from its opening to its closing balance' })
  @ApiOkResponse({ type: StatementResponse })
  async statement(@Param('code') code: string, @Query() query: StatementQuery): Promise<StatementResponse> {
    const { limit, cursor, currency, from, to } = query;
    const page = { limit: limit + 1, after: decodeCursor(cursor) };
    const statement = await this.unitOfWork.service((tx) =>
      this.statements.of(tx, { account: code, currency }, { from, to }, page),
    );
    return toStatement(statement, pageOf(statement.lines, limit, placeOf, toStatementLine));
  }
}
