import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditLog, type Actor } from '../../platform/audit';
import { ClockOffsetService } from '../../platform/clock';
import { UnitOfWork } from '../../platform/database';
import { Acting, Roles } from '../../platform/http';
import { Clock } from '../../shared/clock';
import { ClockResponse, MoveClockBody } from './dto/clock.dto';

@ApiTags('Operators')
@Controller('admin/clock')
export class ClockController {
  constructor(
    private readonly offset: ClockOffsetService,
    private readonly clock: Clock,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  @Post()
  @HttpCode(200)
  @Roles('admin')
  @ApiOperation({ summary: 'Move business time, to follow a provider’s test clock; refused in production' })
  @ApiOkResponse({ type: ClockResponse })
  async move(@Body() body: MoveClockBody, @Acting() actor: Actor): Promise<ClockResponse> {
    const before = { now: this.clock.now().toISOString() };
    await this.offset.move(body.offsetSeconds);
    await this.unitOfWork.service((tx) =>
      this.audit.record(tx, {
        actor,
        action: 'clock.move',
        objectType: 'clock',
        objectId: 'business',
        customerId: null,
        before,
        after: { offsetSeconds: body.offsetSeconds },
      }),
    );
    return { offsetSeconds: body.offsetSeconds, now: this.clock.now().toISOString() };
  }
}
