import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Actor } from '../../../platform/audit';
import { UnitOfWork } from '../../../platform/database';
import { Acting, Roles } from '../../../platform/http';
import type { AnyTemplate } from '../domain/template';
import { VersionsQuery, WordingBody, wordingOf, WordingPath } from '../dto/templates.request.dto';
import { toWording, WordingResponse, WordingVersionList } from '../dto/templates.response.dto';
import { messageOf } from '../messages';
import { templateNotFound } from '../notifications.errors';
import { WordingDesk } from './wording-desk.service';
import { WordingsRepository } from './wordings.repository';

const PATH = 'notification-templates/:key/:locale';

@ApiTags('Operators')
@Controller('admin')
export class WordingsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly wordings: WordingsRepository,
    private readonly desk: WordingDesk,
  ) {}

  @Put(PATH)
  @Roles('admin')
  @ApiOperation({
    summary: 'Say a message in words of your own from now on',
    description:
      'For whoever reads this locale, or one below it: `de` is also read by de-AT. In a language that is not built in all ' +
      'parts are needed. Refused with all that is wrong: unknown variables, Handlebars that cannot be read, what a mail ' +
      'must say and does not in every case. Each change is a version; the same words again are none.',
  })
  @ApiOkResponse({ type: WordingResponse })
  async put(
    @Param() { key, locale }: WordingPath,
    @Body() body: WordingBody,
    @Acting() actor: Actor,
  ): Promise<WordingResponse> {
    const template = templateOf(key);
    const put = await this.unitOfWork.service((tx) => this.desk.put(tx, template, locale, wordingOf(body), actor));
    return toWording(put);
  }

  @Delete(PATH)
  @HttpCode(204)
  @Roles('admin')
  @ApiOperation({ summary: 'Say a message in the built-in words again; safe to repeat' })
  @ApiNoContentResponse()
  async remove(@Param() { key, locale }: WordingPath, @Acting() actor: Actor): Promise<void> {
    const template = templateOf(key);
    await this.unitOfWork.service((tx) => this.desk.remove(tx, template, locale, actor));
  }

  @Get(`${PATH}/versions`)
  @Roles('support', 'admin')
  @ApiOperation({ summary: 'What was said in this locale, newest first' })
  @ApiOkResponse({ type: WordingVersionList })
  async versions(
    @Param() { key, locale }: WordingPath,
    @Query() { limit, before }: VersionsQuery,
  ): Promise<WordingVersionList> {
    const { key: template } = templateOf(key);
    const rows = await this.unitOfWork.service((tx) =>
      this.wordings.versions(tx, template, locale, limit + 1, before ?? null),
    );
    const page = rows.slice(0, limit);
    return { data: page.map(toWording), nextBefore: rows.length > limit ? (page.at(-1)?.version ?? null) : null };
  }
}

function templateOf(key: string): AnyTemplate {
  const template = messageOf(key)?.template;
  if (!template) throw templateNotFound(key);
  return template;
}
