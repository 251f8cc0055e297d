export { wiseAggregate, WiseGateway, type ToldFunding, type ToldTransfer } from './wise-gateway';
export type { RecipientRequirement, RequiredField, WiseQuote, WiseRecipient } from './wise-wire';
export { WiseModule } from './wise.module';
