import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../platform/audit';
import { UnitOfWork } from '../../platform/database';
import { Acting, decodeCursor, Idempotent, pageOf, Roles, type Page } from '../../platform/http';
import { ReplayService } from '../webhooks';
import { EditTicketBody, ResolveTicketBody, TicketsQuery } from './dto/tickets.request.dto';
import { TicketList, TicketResponse, toTicketResponse } from './dto/tickets.response.dto';
import { TicketDesk } from './ticket-desk.service';
import { TicketsRepository } from './tickets.repository';

@ApiTags('Operators')
@Controller('support/tickets')
export class SupportController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: TicketsRepository,
    private readonly desk: TicketDesk,
    private readonly replay: ReplayService,
  ) {}

  @Get()
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'What Kassa could not settle by itself, newest first' })
  @ApiOkResponse({ type: TicketList })
  async list(@Query() query: TicketsQuery): Promise<Page<TicketResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.tickets.list(tx, query, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toTicketResponse);
  }

  @Get(':id')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'One ticket' })
  @ApiOkResponse({ type: TicketResponse })
  async get(@Param('id') id: string): Promise<TicketResponse> {
    return toTicketResponse(await this.unitOfWork.service((tx) => this.desk.get(tx, id)));
  }

  @Patch(':id')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'Take a ticket up, assign it, change its priority or its note' })
  @ApiOkResponse({ type: TicketResponse })
  async edit(@Param('id') id: string, @Body() body: EditTicketBody, @Acting() actor: Actor): Promise<TicketResponse> {
    return toTicketResponse(await this.unitOfWork.service((tx) => this.desk.edit(tx, id, body, actor)));
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @Roles('support', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Close a ticket: settled by hand, or its event handled once more' })
  @ApiOkResponse({ type: TicketResponse })
  async resolve(
    @Param('id') id: string,
    @Body() body: ResolveTicketBody,
    @Acting() actor: Actor,
  ): Promise<TicketResponse> {
    const { resolution, note } = body;
    const ticket = await this.unitOfWork.service((tx) => this.desk.resolve(tx, id, { resolution, note }, actor));
    if (resolution === 'auto_retry') this.replay.wake();
    return toTicketResponse(ticket);
  }
}
