import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class WebhookAcceptedResponse {
  @ApiProperty({ example: true })
  received!: true;

  @ApiProperty({ example: 'evt_01jd…', description: 'Our id of the event' })
  id!: string;

  @ApiPropertyOptional({
    enum: ['already_received', 'already_processed'],
    description: 'Only for an event known before',
  })
  status?: 'already_received' | 'already_processed';
}
