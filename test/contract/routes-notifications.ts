import { list, of, PAGE, words, type Route } from './route';

const NOTIFICATION = words('id kind title body invoiceId payUrl createdAt readAt');
const PREFERENCES = words(`locale timeZone quietHours.from quietHours.to topics.topic topics.description topics.channel
  topics.enabled topics.mandatory bounced.at bounced.reason`);
const TEMPLATE =
  words(`key topic urgent mandatory locales variables.name variables.type variables.nullable sample required
  own.locale own.version`);
const WORDING = words(`key locale version wording.subject wording.text wording.html wording.push.title wording.push.body
  wording.inApp.title wording.inApp.body createdBy createdAt`);

const USER = ['user'] as const;
const SUPPORT = ['support', 'admin'] as const;
const ADMIN = ['admin'] as const;

/** What people are told. */
export const NOTIFICATION_ROUTES: Readonly<Record<string, Route>> = {
  'GET /notifications': { auth: USER, status: 200, query: ['unread', ...PAGE], answers: list(NOTIFICATION) },
  'POST /notifications/{id}/read': { auth: USER, status: 200, answers: NOTIFICATION },
  'GET /notifications/preferences': { auth: USER, status: 200, answers: PREFERENCES },
  'PUT /notifications/preferences': {
    ...{ auth: USER, status: 200, takes: ['locale', 'timeZone', 'quietHours', 'topics'], answers: PREFERENCES },
  },
  'POST /notifications/devices': { auth: USER, status: 201, requires: ['token'], answers: ['id', 'createdAt'] },
  'DELETE /notifications/devices/{id}': { auth: USER, status: 204 },
  'POST /notifications/bounces': {
    ...{ auth: 'internal', status: 200, requires: ['notificationId', 'address', 'status'], answers: ['turnedOff'] },
  },
  'GET /notifications/unsubscribe/{token}': { auth: 'public', status: 200 },
  'POST /notifications/unsubscribe/{token}': { auth: 'public', status: 200 },
  'GET /admin/notification-templates': { auth: SUPPORT, status: 200, answers: list(TEMPLATE) },
  'POST /admin/notification-templates/{key}/preview': {
    ...{ auth: SUPPORT, status: 200, requires: ['locale', 'channel'], takes: ['variables', 'wording'] },
    answers: words('key language channel version title text html'),
  },
  'GET /admin/notification-templates/{key}': {
    ...{ auth: SUPPORT, status: 200 },
    answers: [
      ...[...TEMPLATE, ...of('ownWordings', WORDING)],
      ...of('builtIn', words('locale subject paragraphs button title body')),
    ],
  },
  'PUT /admin/notification-templates/{key}/{locale}': {
    ...{ auth: ADMIN, status: 200, takes: ['subject', 'text', 'html', 'push', 'inApp'], answers: WORDING },
  },
  'DELETE /admin/notification-templates/{key}/{locale}': { auth: ADMIN, status: 204 },
  'GET /admin/notification-templates/{key}/{locale}/versions': {
    ...{ auth: SUPPORT, status: 200, query: ['limit', 'before'], answers: ['nextBefore', ...of('data', WORDING)] },
  },
  'GET /admin/dev-outbox': {
    ...{ auth: ADMIN, status: 200, query: PAGE },
    answers: list(words('id notificationId customerId recipient subject text html createdAt')),
  },
};
