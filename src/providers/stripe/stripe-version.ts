/** The API version of the pinned `stripe` package; payloads in another version are read again. */
export const STRIPE_API_VERSION = '2026-10-28.endive';
