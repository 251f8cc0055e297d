import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsEmail, IsString, Matches, MaxLength } from 'class-validator';
import { UnitOfWork } from '../../../platform/database';
import { Internal, IsWord } from '../../../platform/http';
import { LateBounces } from './late-bounces.service';

export class BounceBody {
  @ApiProperty({
    example: 'ntf_01kb2x7p0e8v6q3yt1z5c9r4aw',
    description: "What stands before the @ in the mail's Message-ID",
  })
  @IsWord()
  notificationId!: string;

  @ApiProperty({ example: 'ada@example.com' })
  @IsString()
  @MaxLength(320)
  @IsEmail({ require_tld: false })
  address!: string;

  @ApiProperty({ example: '5.1.1', description: 'Enhanced status code (RFC 3463)' })
  @Matches(/^[245]\.\d{1,3}\.\d{1,3}$/, { message: '$property must be an enhanced status code such as 5.1.1' })
  status!: string;
}

export class BounceResponse {
  @ApiProperty({ description: 'Whether the address gets no more mail' })
  turnedOff!: boolean;
}

@ApiTags('Notifications')
@Controller('notifications/bounces')
export class LateBouncesController {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly bounces: LateBounces,
  ) {}

  @Post()
  @HttpCode(200)
  @Internal()
  @ApiOperation({
    summary: 'A mail came back after the server had taken it',
    description:
      'For whoever reads the bounces of your mail server (RFC 3464). An address that does not exist gets no more mail until the ' +
      'customer has another one; what may pass, such as a full mailbox, changes nothing. Safe to repeat.',
  })
  @ApiOkResponse({ type: BounceResponse })
  async bounced(@Body() bounce: BounceBody): Promise<BounceResponse> {
    return { turnedOff: await this.unitOfWork.service((tx) => this.bounces.take(tx, bounce)) };
  }
}
