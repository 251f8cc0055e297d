export {
  AppConfig,
  type AppleConfig,
  type GoogleConfig,
  type HttpConfig,
  type StoreCommissionConfig,
  type StripeConfig,
  type WiseConfig,
} from './app-config';
export { ConfigModule } from './config.module';
export { ConfigError, loadConfig, type Environment } from './load-config';
export { SETTINGS } from './settings';
