/** Objects of a provider that have a mirror row here, each with its table. */
export const MIRRORED_TABLES = { subscription: 'subscriptions', invoice: 'invoices', payment: 'payments' } as const;

export type MirroredType = keyof typeof MIRRORED_TABLES;
