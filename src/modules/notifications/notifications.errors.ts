import { business, notFound, validation, type AppError } from '../../shared/app-error';
import type { WordingProblem } from './domain/own-wording';
import type { VariableProblems } from './domain/variables';

export const notificationNotFound = (notificationId: string): AppError =>
  notFound('NOTIFICATION_NOT_FOUND', 'Notification not found', { notificationId: notificationId.slice(0, 64) });

export const deviceNotFound = (deviceId: string): AppError =>
  notFound('DEVICE_NOT_FOUND', 'Device not found', { deviceId: deviceId.slice(0, 64) });

export const templateNotFound = (key: string): AppError =>
  notFound('TEMPLATE_NOT_FOUND', 'There is no such template', { key: key.slice(0, 64) });

/** Nothing that would be refused or fall back later is kept. */
export const templateInvalid = (problems: readonly WordingProblem[]): AppError =>
  business('TEMPLATE_INVALID', 'These words cannot be said', { problems });

export const templateVariables = (problems: VariableProblems): AppError =>
  validation('TEMPLATE_VARIABLES', 'The template cannot be rendered with these variables', { ...problems });

/** Not one of ours, cut off on the way, or of a key that is gone. */
export const unsubscribeLinkUnknown = (): AppError =>
  notFound('UNSUBSCRIBE_LINK_UNKNOWN', 'This is no link to unsubscribe by; it may have been cut off');

/** Nobody loses access or money without having been told. */
export const preferenceMandatory = (topic: string, channel: string): AppError =>
  business('PREFERENCE_MANDATORY', 'These messages cannot be turned off', { topic, channel });

export const tooManyDevices = (limit: number): AppError =>
  business('TOO_MANY_DEVICES', 'Too many devices are registered; remove one first', { limit });
