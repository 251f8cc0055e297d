import { ApiProperty } from '@nestjs/swagger';

/** Read from the raw bytes, which are what is stored; declared for the documentation. */
export class PubSubMessage {
  @ApiProperty({ description: "Pub/Sub's id: the same however often it is pushed", example: '136969346945' })
  messageId!: string;

  @ApiProperty({
    description: 'The DeveloperNotification as JSON in base64',
    example: 'eyJ2ZXJzaW9uIjoiMS4wIiwicGFja2FnZU5hbWUiOiJjb20uZXhhbXBsZS5hcHAifQ==',
  })
  data!: string;
}

export class PlayNotificationBody {
  @ApiProperty({ type: PubSubMessage })
  message!: PubSubMessage;

  @ApiProperty({ example: 'projects/example/subscriptions/kassa' })
  subscription!: string;
}
