import { Module } from '@nestjs/common';
import { LiveEventsRepository } from './live-events.repository';
import { LiveHint } from './live-hint.consumer';
import { LiveStreamController } from './live-stream.controller';
import { LiveStreams } from './live-streams.service';

@Module({
  controllers: [LiveStreamController],
  providers: [LiveEventsRepository, LiveHint, LiveStreams],
})
export class NotificationsModule {}
