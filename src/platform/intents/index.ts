export type { Intent, IntentSpec, ProviderOutcome } from './intent.types';
export { IntentsModule } from './intents.module';
export { Intents, type IntentHandler } from './intents.service';
