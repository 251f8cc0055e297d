import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { decodeCursor, PageQuery, pageOf, Roles, type Page } from '../../../platform/http';
import { MailOutboxRepository } from '../channels/mail-outbox.repository';
import { localeChain, tongueOf } from '../domain/locale';
import { wordingProblems } from '../domain/own-wording';
import { renderMail, renderShort, VariablesError, type OwnWording, type OwnWords } from '../domain/render';
import type { AnyTemplate } from '../domain/template';
import { KeptMailList, KeptMailResponse, toKeptMail } from '../dto/notifications.response.dto';
import { PreviewBody, wordingOf } from '../dto/templates.request.dto';
import {
  PreviewResponse,
  TemplateDetailResponse,
  TemplateList,
  toTemplate,
  toTemplateDetail,
} from '../dto/templates.response.dto';
import { letterhead } from '../letterhead';
import { MESSAGES, messageOf } from '../messages';
import { templateInvalid, templateNotFound, templateVariables } from '../notifications.errors';
import { MessageVoice } from '../wordings/message-voice';
import { WordingsRepository } from '../wordings/wordings.repository';

@ApiTags('Operators')
@Controller('admin')
export class TemplatesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly mail: MailOutboxRepository,
    private readonly wordings: WordingsRepository,
    private readonly voice: MessageVoice,
    private readonly config: AppConfig,
  ) {}

  @Get('notification-templates')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'What customers are told, with the variables of each message' })
  @ApiOkResponse({ type: TemplateList })
  async templates(): Promise<TemplateList> {
    const keys = MESSAGES.map(({ template }) => template.key);
    const own = await this.unitOfWork.service((tx) => this.wordings.all(tx, keys));
    return { data: MESSAGES.map(({ template }) => toTemplate(template, own)), nextCursor: null };
  }

  @Get('notification-templates/:key')
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'What is said in each language, in built-in words and in your own' })
  @ApiOkResponse({ type: TemplateDetailResponse })
  async template(@Param('key') key: string): Promise<TemplateDetailResponse> {
    const template = messageOf(key)?.template;
    if (!template) throw templateNotFound(key);
    const own = await this.unitOfWork.service((tx) => this.wordings.all(tx, [key]));
    return toTemplateDetail(template, own);
  }

  @Post('notification-templates/:key/preview')
  @HttpCode(200)
  @Roles('support', 'admin')
  @ApiOperation({
    summary: 'How a message looks in a language and on a channel',
    description: 'In the words that are said now, or in those of the body. Show HTML in a frame of its own.',
  })
  @ApiOkResponse({ type: PreviewResponse })
  async preview(@Param('key') key: string, @Body() body: PreviewBody): Promise<PreviewResponse> {
    const template = messageOf(key)?.template;
    if (!template) throw templateNotFound(key);
    const { locale, channel, variables = template.sample, wording } = body;
    const render = (own: OwnWords | null): Rendered => this.render(template, variables, channel, locale, own);
    if (wording) {
      const draft = draftOf(template, locale, wordingOf(wording));
      return { key, channel, version: null, ...orProblems(() => render(draft)) };
    }
    const current = await this.unitOfWork.service((tx) => this.wordings.current(tx, key, localeChain(locale)));
    const { said, broken } = orProblems(() => this.voice.speak(template, current, locale, render));
    return { key, channel, version: broken ? null : (current?.version ?? null), ...said };
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
    locale: string,
    own: OwnWords | null,
  ): Rendered {
    const tongue = tongueOf(locale);
    const reader = { ...tongue, timeZone: 'UTC' };
    const language = own?.locale ?? tongue.language;
    if (channel !== 'email') {
      const words = own && ({ words: own, channel: channel === 'push' ? 'push' : 'inApp' } as const);
      const { title, body } = renderShort(template, values, reader, words);
      return { language, title, text: body, html: null };
    }
    const head = letterhead(tongue.language, this.config.messages.appUrl);
    const { subject, text, html } = renderMail(template, values, reader, head, own);
    return { language, title: subject, text, html };
  }
}

type Rendered = Pick<PreviewResponse, 'language' | 'title' | 'text' | 'html'>;

/** Words that are not kept yet. @throws TEMPLATE_INVALID as when they were to be kept. */
function draftOf(template: AnyTemplate, locale: string, wording: OwnWording): OwnWords {
  const problems = wordingProblems(template, locale, wording);
  if (problems.length > 0) throw templateInvalid(problems);
  return { wording, locale, format: locale };
}

function orProblems<T>(render: () => T): T {
  try {
    return render();
  } catch (error) {
    throw error instanceof VariablesError ? templateVariables(error.problems) : error;
  }
}
