import { Controller, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { AppConfig } from '../../../platform/config';
import { UnitOfWork } from '../../../platform/database';
import { IgnoresBody, Public } from '../../../platform/http';
import { NotificationDesk } from '../desk/notification-desk.service';
import { UnsubscribeLinks } from './unsubscribe-links.service';
import { unsubscribePage } from './unsubscribe-page';

const HTML = 'text/html; charset=utf-8';

/** The link is the credential: whoever has the mail may turn off more of the same, and nothing else. */
@ApiTags('Notifications')
@Controller('notifications/unsubscribe')
export class UnsubscribeController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly links: UnsubscribeLinks,
    private readonly desk: NotificationDesk,
    private readonly config: AppConfig,
  ) {}

  @Get(':token')
  @Public()
  @Header('content-type', HTML)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'The page behind the link in a mail, which asks whether to unsubscribe',
    description: 'Changes nothing: mail scanners open every link.',
  })
  @ApiProduces('text/html')
  @ApiOkResponse({ schema: { type: 'string' } })
  ask(@Param('token') token: string): string {
    const { topic, language } = this.links.read(token);
    return unsubscribePage('ask', topic, language, this.config.messages.appUrl);
  }

  @Post(':token')
  @HttpCode(200)
  @Public()
  @IgnoresBody()
  @Header('content-type', HTML)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Turn off mail of the topic of the mail that the link stands in',
    description:
      'Called by the page and by mail programs (one click, RFC 8058), with any body or none. Safe to repeat.',
  })
  @ApiProduces('text/html')
  @ApiOkResponse({ schema: { type: 'string' } })
  async unsubscribe(@Param('token') token: string): Promise<string> {
    const { customerId, topic, language } = this.links.read(token);
    await this.unitOfWork.service((tx) => this.desk.unsubscribe(tx, customerId, topic));
    return unsubscribePage('done', topic, language, this.config.messages.appUrl);
  }
}
