-- What somebody has to look at of payouts.

ALTER TABLE payment_support_tickets
  DROP CONSTRAINT payment_support_tickets_type,
  ADD CONSTRAINT payment_support_tickets_type CHECK (type IN ('webhook_failure', 'payment_failure', 'dispute', 'refund_failure',
    'fraud_review', 'reconciliation_break', 'store_purchase', 'payout', 'other'));
