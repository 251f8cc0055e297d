import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Clock } from '../../shared/clock';
import type { Actor } from '../../platform/audit';
import { UnitOfWork, type Tx } from '../../platform/database';
import {
  Acting,
  decodeCursor,
  Idempotent,
  PageQuery,
  pageOf,
  Roles,
  type Keyset,
  type Page,
} from '../../platform/http';
import {
  TicketEntryResponse,
  TicketNoteResponse,
  TicketTimelineList,
  toTicketEntry,
  toTicketNote,
} from './dto/ticket-timeline.response.dto';
import { EditTicketBody, NoteBody, ResolveTicketBody, TicketsQuery } from './dto/tickets.request.dto';
import {
  TicketCountsResponse,
  TicketDetailResponse,
  TicketList,
  TicketResponse,
  toTicketCounts,
  toTicketDetail,
  toTicketResponse,
} from './dto/tickets.response.dto';
import { TicketDesk } from './ticket-desk.service';
import { TicketTimelineRepository } from './ticket-timeline.repository';
import { TicketsRepository, type Ticket } from './tickets.repository';

/** Of the timeline, on the ticket's own page. */
const FIRST_ENTRIES = 20;

@ApiTags('Operators')
@Controller('support/tickets')
export class SupportController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly tickets: TicketsRepository,
    private readonly entries: TicketTimelineRepository,
    private readonly desk: TicketDesk,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'What Kassa could not settle by itself, newest first' })
  @ApiOkResponse({ type: TicketList })
  async list(@Query() query: TicketsQuery): Promise<Page<TicketResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const now = this.clock.now();
    const rows = await this.unitOfWork.service((tx) => this.tickets.list(tx, query, now, query.limit + 1, after));
    return pageOf(
      rows,
      query.limit,
      (row) => row,
      (row) => toTicketResponse(row, now),
    );
  }

  @Get('counts')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'How many tickets wait' })
  @ApiOkResponse({ type: TicketCountsResponse })
  async counts(): Promise<TicketCountsResponse> {
    return toTicketCounts(await this.unitOfWork.service((tx) => this.tickets.countUnresolved(tx, this.clock.now())));
  }

  @Get(':id')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'One ticket, with what happened last' })
  @ApiOkResponse({ type: TicketDetailResponse })
  async get(@Param('id') id: string): Promise<TicketDetailResponse> {
    const { ticket, page } = await this.unitOfWork.service(async (tx) => {
      const found = await this.desk.get(tx, id);
      return { ticket: found, page: await this.pageOfEntries(tx, found, FIRST_ENTRIES, undefined) };
    });
    return toTicketDetail(ticket, page, this.clock.now());
  }

  @Get(':id/timeline')
  @Roles('support', 'admin')
  @ApiOperation({
    summary: 'All that happened about a ticket: events, attempts, notes, deeds of operators; newest first',
  })
  @ApiOkResponse({ type: TicketTimelineList })
  async timeline(@Param('id') id: string, @Query() { limit, cursor }: PageQuery): Promise<Page<TicketEntryResponse>> {
    const after = decodeCursor(cursor);
    return this.unitOfWork.service(async (tx) => this.pageOfEntries(tx, await this.desk.get(tx, id), limit, after));
  }

  @Patch(':id')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'Take a ticket up, assign it, change its priority or its note' })
  @ApiOkResponse({ type: TicketResponse })
  async edit(@Param('id') id: string, @Body() body: EditTicketBody, @Acting() actor: Actor): Promise<TicketResponse> {
    return this.shown(await this.unitOfWork.service((tx) => this.desk.edit(tx, id, body, actor)));
  }

  @Post(':id/notes')
  @Roles('support', 'admin')
  @Idempotent()
  @ApiOperation({ summary: 'Write something down; it is never changed, and the standing note of the ticket stays' })
  @ApiCreatedResponse({ type: TicketNoteResponse })
  async note(@Param('id') id: string, @Body() { text }: NoteBody, @Acting() actor: Actor): Promise<TicketNoteResponse> {
    return toTicketNote(await this.unitOfWork.service((tx) => this.desk.note(tx, id, text, actor)));
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @Roles('support', 'admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Close a ticket, settled by hand; or do once more what it is about, which closes it if it goes well',
  })
  @ApiOkResponse({ type: TicketResponse })
  async resolve(
    @Param('id') id: string,
    @Body() { resolution, note }: ResolveTicketBody,
    @Acting() actor: Actor,
  ): Promise<TicketResponse> {
    if (resolution === 'manual') {
      return this.shown(await this.unitOfWork.service((tx) => this.desk.resolve(tx, id, note, actor)));
    }
    const { ticket, wake } = await this.unitOfWork.service((tx) => this.desk.retry(tx, id, note, actor));
    wake();
    return this.shown(ticket);
  }

  private shown(ticket: Ticket): TicketResponse {
    return toTicketResponse(ticket, this.clock.now());
  }

  private async pageOfEntries(
    tx: Tx,
    ticket: Ticket,
    limit: number,
    after: Keyset | undefined,
  ): Promise<Page<TicketEntryResponse>> {
    const rows = await this.entries.of(tx, ticket, limit + 1, after);
    return pageOf(rows, limit, ({ at, key }) => ({ createdAt: at, id: key }), toTicketEntry);
  }
}
