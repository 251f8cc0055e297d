import { ApiProperty } from '@nestjs/swagger';

/** Read from the raw bytes, which are what is signed and stored; declared for the documentation. */
export class WiseEventBody {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'What has happened; its shape depends on the type',
    example: {
      resource: { type: 'transfer', id: 16521632, profile_id: 30000000, account_id: 8692237 },
      current_state: 'processing',
      previous_state: 'incoming_payment_waiting',
      occurred_at: '2026-03-01T12:34:56.789Z',
    },
  })
  data!: Record<string, unknown>;

  @ApiProperty({ example: '72195556-e5cb-495e-a010-b37a4f2a3043' })
  subscription_id!: string;

  @ApiProperty({ example: 'transfers#state-change' })
  event_type!: string;

  @ApiProperty({ example: '4.0.0' })
  schema_version!: string;

  @ApiProperty({ example: '2026-03-01T12:34:57.123Z' })
  sent_at!: string;
}
