import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class WiseWebhookAcceptedResponse {
  @ApiProperty({ example: true })
  received!: true;

  @ApiPropertyOptional({ example: 'evt_01jd…', description: 'Our id of the event; none of a test notification' })
  id?: string;

  @ApiPropertyOptional({
    enum: ['already_received', 'already_processed'],
    description: 'Only for an event known before',
  })
  status?: 'already_received' | 'already_processed';
}
