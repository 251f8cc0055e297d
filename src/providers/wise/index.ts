export { WiseAdapter } from './wise-adapter';
export { wiseAggregate, WiseGateway, type ToldFunding, type ToldTransfer } from './wise-gateway';
export { timeAbout, WISE_HOUSE } from './wise-movements';
export { WiseReader } from './wise-reader';
export { WiseStatement } from './wise-statement';
export { isUuid } from './wise-shape';
export { WiseWebhook } from './wise-webhook';
export type { RecipientRequirement, RequiredField, WiseQuote, WiseRecipient } from './wise-wire';
export { WiseModule } from './wise.module';
