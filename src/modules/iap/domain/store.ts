export const STORES = ['apple', 'google'] as const;
export type Store = (typeof STORES)[number];
