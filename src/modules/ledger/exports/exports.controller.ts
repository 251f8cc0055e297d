import { Readable } from 'node:stream';
import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditLog, type Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, Roles } from '../../../platform/http';
import { ExportQuery } from './dto/export.request.dto';
import { LedgerExports } from './ledger-exports.service';

@ApiTags('Ledger')
@Controller('ledger')
export class ExportsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly exports: LedgerExports,
    private readonly audit: AuditLog,
  ) {}

  @Get('export')
  @Roles('finance', 'admin')
  @ApiOperation({ summary: 'The journal, the trial balance or a statement as a file, as of one moment' })
  @ApiOkResponse({
    description: 'Streamed; a file that was cut off has no proper end',
    content: { 'text/csv': { schema: { type: 'string' } }, 'text/plain': { schema: { type: 'string' } } },
  })
  async export(@Query() query: ExportQuery, @Acting() actor: Actor): Promise<StreamableFile> {
    const { report, format, from, to, account, currency } = query;
    const { name, contentType, chunks, close } = await this.exports.open(query);
    try {
      await this.unitOfWork.service((tx) =>
        this.audit.record(tx, {
          actor,
          action: 'ledger.export',
          objectType: 'ledger',
          objectId: report,
          customerId: null,
          after: { format, from, to, account, currency },
        }),
      );
    } catch (error) {
      await close();
      throw error;
    }
    const body = Readable.from(chunks, { objectMode: false, highWaterMark: 64 * 1024 });
    // Sent to its end, failed, or left by the reader.
    body.once('close', () => {
      void close();
    });
    return new StreamableFile(body, { type: contentType, disposition: `attachment; filename="${name}"` });
  }
}
