import { ApiProperty } from '@nestjs/swagger';
import { LANGUAGES } from '../domain/locale';
import type { AnyTemplate } from '../domain/template';
import { CHANNELS, isMandatory, TOPIC_NAMES } from '../domain/topics';
import { KINDS } from '../domain/variables';
import type { CurrentWording, WordingVersion } from '../wordings/wordings.repository';
import { WordingBody } from './templates.request.dto';

export class OwnLocaleResponse {
  @ApiProperty({ example: 'de-AT' })
  locale!: string;

  @ApiProperty({ example: 3 })
  version!: number;
}

export class VariableResponse {
  @ApiProperty({ example: 'amount' })
  name!: string;

  @ApiProperty({ enum: KINDS })
  type!: string;

  @ApiProperty({ description: 'May be null' })
  nullable!: boolean;
}

export class TemplateResponse {
  @ApiProperty({ example: 'payment_failed' })
  key!: string;

  @ApiProperty({ enum: TOPIC_NAMES })
  topic!: string;

  @ApiProperty({ description: 'Quiet hours do not hold it up' })
  urgent!: boolean;

  @ApiProperty({ enum: CHANNELS, isArray: true, description: 'Channels that cannot be turned off' })
  mandatory!: string[];

  @ApiProperty({ type: [String], example: ['en', 'de', 'es'] })
  locales!: string[];

  @ApiProperty({ type: [VariableResponse] })
  variables!: VariableResponse[];

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'Values for a preview' })
  sample!: Record<string, unknown>;

  @ApiProperty({
    type: [String],
    example: ['amount', 'payUrl'],
    description: 'What a mail must say, in whose words ever',
  })
  required!: string[];

  @ApiProperty({ type: [OwnLocaleResponse], description: "Locales with an operator's words" })
  own!: OwnLocaleResponse[];
}

export class TemplateList {
  @ApiProperty({ type: [TemplateResponse] })
  data!: TemplateResponse[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}

export class PreviewResponse {
  @ApiProperty({ example: 'payment_failed' })
  key!: string;

  @ApiProperty({ example: 'de', description: 'The language it is said in' })
  language!: string;

  @ApiProperty({ enum: CHANNELS })
  channel!: string;

  @ApiProperty({
    example: 'Your payment of $29.00 did not go through',
    description: "The mail's subject, or the title",
  })
  title!: string;

  @ApiProperty({ description: 'As plain text', example: 'We could not collect $29.00 for Pro. …' })
  text!: string;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 3,
    description: "Of an operator's words; null: built in, or not kept yet",
  })
  version!: number | null;

  @ApiProperty({ type: String, nullable: true, description: 'Of mail only' })
  html!: string | null;
}

export class BuiltInWordingResponse {
  @ApiProperty({ enum: LANGUAGES })
  locale!: string;

  @ApiProperty({ example: 'Your payment of {{amount}} did not go through', description: 'Of the mail' })
  subject!: string;

  @ApiProperty({ type: [String], example: ['We could not collect {{amount}}.'], description: 'Of the mail' })
  paragraphs!: string[];

  @ApiProperty({ type: String, nullable: true, example: 'Pay now', description: 'Of the mail' })
  button!: string | null;

  @ApiProperty({ example: 'Payment of {{amount}} failed', description: 'Of the push message and in the list' })
  title!: string;

  @ApiProperty({
    example: 'You keep your access for {{daysLeft}}.',
    description: 'Of the push message and in the list',
  })
  body!: string;
}

export class WordingResponse {
  @ApiProperty({ example: 'payment_failed' })
  key!: string;

  @ApiProperty({ example: 'de-AT' })
  locale!: string;

  @ApiProperty({ example: 3, description: 'Counts from 1' })
  version!: number;

  @ApiProperty({ type: WordingBody, nullable: true, description: 'Null: the built-in words from then on' })
  wording!: WordingBody | null;

  @ApiProperty({ example: 'user_42', description: 'The operator' })
  createdBy!: string;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;
}

export class TemplateDetailResponse extends TemplateResponse {
  @ApiProperty({ type: [BuiltInWordingResponse] })
  builtIn!: BuiltInWordingResponse[];

  @ApiProperty({ type: [WordingResponse], description: 'In the place of the built-in words' })
  ownWordings!: WordingResponse[];
}

export class WordingVersionList {
  @ApiProperty({ type: [WordingResponse] })
  data!: WordingResponse[];

  @ApiProperty({ type: Number, nullable: true, example: 2, description: '`before` of the next page' })
  nextBefore!: number | null;
}

export function toTemplate(template: AnyTemplate, wordings: readonly CurrentWording[]): TemplateResponse {
  const { key, topic, urgent, variables, sample, required = [] } = template;
  const own = wordings.filter((one) => one.template === key);
  return {
    ...{ key, topic, urgent, sample: { ...sample }, locales: [...LANGUAGES] },
    required: [...required],
    own: own.map(({ locale, version }) => ({ locale, version })),
    mandatory: CHANNELS.filter((channel) => isMandatory(topic, channel)),
    variables: Object.entries(variables).map(([name, kind]) => ({
      ...{ name, type: kind.replace('?', ''), nullable: kind.endsWith('?') },
    })),
  };
}

export function toTemplateDetail(template: AnyTemplate, wordings: readonly CurrentWording[]): TemplateDetailResponse {
  const summary: Omit<TemplateDetailResponse, 'builtIn' | 'ownWordings'> = toTemplate(template, wordings);
  return {
    ...summary,
    builtIn: LANGUAGES.map((locale) => {
      const { paragraphs, button = null, ...said } = template.wording[locale];
      return { locale, ...said, paragraphs: [...paragraphs], button };
    }),
    ownWordings: wordings.map(toWording),
  };
}

export function toWording({
  template,
  locale,
  version,
  wording,
  createdBy,
  createdAt,
}: WordingVersion): WordingResponse {
  return { key: template, locale, version, wording, createdBy, createdAt: createdAt.toISOString() };
}
