export { customerOf, type Intent, type IntentSpec, type ProviderOutcome } from './intent.types';
export { IntentsModule } from './intents.module';
export { Intents, type IntentGuard, type IntentHandler } from './intents.service';
