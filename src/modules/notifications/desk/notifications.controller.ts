import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { UnitOfWork } from '../../../platform/database';
import {
  Authenticated,
  CurrentUser,
  decodeCursor,
  invalidInput,
  pageOf,
  type Page,
  type UserIdentity,
} from '../../../platform/http';
import { PushTransport } from '../channels/push.port';
import { DeviceBody, NotificationsQuery, PreferencesBody } from '../dto/notifications.request.dto';
import {
  DeviceResponse,
  NotificationList,
  NotificationResponse,
  PreferencesResponse,
  toNotification,
  toPreferences,
} from '../dto/notifications.response.dto';
import { deviceNotFound, notificationNotFound } from '../notifications.errors';
import { InboxRepository } from './inbox.repository';
import { NotificationDesk } from './notification-desk.service';

@ApiTags('Notifications')
@Controller('notifications')
export class NotificationsController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly inbox: InboxRepository,
    private readonly desk: NotificationDesk,
    private readonly push: PushTransport,
  ) {}

  @Get()
  @Authenticated()
  @ApiOperation({ summary: 'What the signed-in user was told, newest first' })
  @ApiOkResponse({ type: NotificationList })
  async list(
    @CurrentUser() user: UserIdentity,
    @Query() { unread, limit, cursor }: NotificationsQuery,
  ): Promise<Page<NotificationResponse>> {
    const after = decodeCursor(cursor) ?? null;
    const query = { userId: user.id, unread, limit: limit + 1, after };
    const rows = await this.unitOfWork.user(user.id, (tx) => this.inbox.list(tx, query));
    return pageOf(rows, limit, (row) => row, toNotification);
  }

  @Get('preferences')
  @Authenticated()
  @ApiOperation({ summary: 'What the signed-in user is told, and by which channels' })
  @ApiOkResponse({ type: PreferencesResponse })
  async preferences(@CurrentUser() user: UserIdentity): Promise<PreferencesResponse> {
    return toPreferences(await this.unitOfWork.user(user.id, (tx) => this.desk.settingsOf(tx, user.id)));
  }

  @Put('preferences')
  @Authenticated()
  @ApiOperation({
    summary: 'Choose what to be told, in which language, and when not',
    description: 'What is left out stays as it is. Some messages cannot be turned off.',
  })
  @ApiOkResponse({ type: PreferencesResponse })
  async choose(@CurrentUser() user: UserIdentity, @Body() body: PreferencesBody): Promise<PreferencesResponse> {
    const { topics = [], ...change } = body;
    if (change.quietHours && change.quietHours.from === change.quietHours.to) {
      throw invalidInput([{ field: 'quietHours', message: 'must begin and end at different times' }]);
    }
    return toPreferences(
      await this.unitOfWork.service(async (tx) => {
        await this.desk.change(tx, { id: user.id, email: user.email ?? null }, change, topics);
        return this.desk.settingsOf(tx, user.id);
      }),
    );
  }

  @Post('devices')
  @Authenticated()
  @ApiOperation({
    summary: 'Send push messages to this device from now on',
    description: 'Whoever registered it last gets its messages. Safe to repeat.',
  })
  @ApiCreatedResponse({ type: DeviceResponse })
  async register(@CurrentUser() user: UserIdentity, @Body() { token }: DeviceBody): Promise<DeviceResponse> {
    if (!this.push.isToken(token)) {
      throw invalidInput([{ field: 'token', message: 'must be a push token of Expo' }]);
    }
    const identity = { id: user.id, email: user.email ?? null };
    const { id, createdAt } = await this.unitOfWork.service((tx) => this.desk.register(tx, identity, token));
    return { id, createdAt: createdAt.toISOString() };
  }

  @Delete('devices/:id')
  @HttpCode(204)
  @Authenticated()
  @ApiOperation({ summary: 'Send no push messages to this device any more' })
  @ApiNoContentResponse()
  async remove(@CurrentUser() user: UserIdentity, @Param('id') id: string): Promise<void> {
    if (!(await this.unitOfWork.service((tx) => this.desk.remove(tx, user.id, id)))) throw deviceNotFound(id);
  }

  @Post(':id/read')
  @HttpCode(200)
  @Authenticated()
  @ApiOperation({ summary: 'A notification was read; the first time counts' })
  @ApiOkResponse({ type: NotificationResponse })
  async read(@CurrentUser() user: UserIdentity, @Param('id') id: string): Promise<NotificationResponse> {
    const read = await this.unitOfWork.service((tx) => this.inbox.read(tx, user.id, id));
    if (!read) throw notificationNotFound(id);
    return toNotification(read);
  }
}
