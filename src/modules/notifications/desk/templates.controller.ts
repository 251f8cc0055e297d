import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { decodeCursor, PageQuery, pageOf, Roles, type Page } from '../../../platform/http';
import { MailOutboxRepository } from '../channels/mail-outbox.repository';
import { tongueOf } from '../domain/locale';
import { renderMail, renderShort, VariablesError } from '../domain/render';
import type { AnyTemplate } from '../domain/template';
import { PreviewBody } from '../dto/notifications.request.dto';
import {
  KeptMailList,
  KeptMailResponse,
  PreviewResponse,
  TemplateList,
  toKeptMail,
  toTemplate,
} from '../dto/notifications.response.dto';
import { letterhead } from '../letterhead';
import { MESSAGES, messageOf } from '../messages';
import { templateNotFound, templateVariables } from '../notifications.errors';

@ApiTags('Operators')
@Controller('admin')
export class TemplatesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly mail: MailOutboxRepository,
    private readonly config: AppConfig,
  ) {}

  @Get('notification-templates')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'What customers are told, with the variables of each message' })
  @ApiOkResponse({ type: TemplateList })
  templates(): TemplateList {
    return { data: MESSAGES.map(({ template }) => toTemplate(template)), nextCursor: null };
  }

  @Post('notification-templates/:key/preview')
  @HttpCode(200)
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'How a message looks in a language and on a channel' })
  @ApiOkResponse({ type: PreviewResponse })
  preview(@Param('key') key: string, @Body() { locale, channel, variables }: PreviewBody): PreviewResponse {
    const template = messageOf(key)?.template;
    if (!template) throw templateNotFound(key);
    const tongue = tongueOf(locale);
    const said = { key, language: tongue.language, channel };
    const values = variables ?? template.sample;
    return orProblems(() => ({ ...said, ...this.render(template, values, channel, tongue) }));
  }

  @Get('dev-outbox')
  @Roles('admin')
  @ApiOperation({
    summary: 'Mail of an installation without SMTP, newest first',
    description: 'It was sent to nobody. Kept for 30 days.',
  })
  @ApiOkResponse({ type: KeptMailList })
  async keptMail(@Query() query: PageQuery): Promise<Page<KeptMailResponse>> {
    const after = decodeCursor(query.cursor) ?? null;
    const rows = await this.unitOfWork.service((tx) => this.mail.list(tx, query.limit + 1, after));
    return pageOf(rows, query.limit, (row) => row, toKeptMail);
  }

  private render(
    template: AnyTemplate,
    values: Readonly<Record<string, unknown>>,
    channel: PreviewBody['channel'],
    tongue: ReturnType<typeof tongueOf>,
  ): Pick<PreviewResponse, 'title' | 'text' | 'html'> {
    const reader = { ...tongue, timeZone: 'UTC' };
    if (channel !== 'email') {
      const { title, body } = renderShort(template, values, reader);
      return { title, text: body, html: null };
    }
    const head = letterhead(tongue.language, this.config.messages.appUrl);
    const { subject, text, html } = renderMail(template, values, reader, head);
    return { title: subject, text, html };
  }
}

function orProblems<T>(render: () => T): T {
  try {
    return render();
  } catch (error) {
    throw error instanceof VariablesError ? templateVariables(error.problems) : error;
  }
}
