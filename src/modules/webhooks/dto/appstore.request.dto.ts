import { ApiProperty } from '@nestjs/swagger';

/** Read from the raw bytes, which are what is stored; declared for the documentation. */
export class AppStoreNotificationBody {
  @ApiProperty({ description: 'The notification as a JWS', example: 'eyJhbGciOiJFUzI1NiIsIng1YyI6WyJNSUlF…' })
  signedPayload!: string;
}
