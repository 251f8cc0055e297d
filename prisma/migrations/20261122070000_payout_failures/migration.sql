-- Turns number who is at a payout; how often the provider has not answered is counted apart, and begins anew with each step.

ALTER TABLE "payouts" ADD COLUMN "failures" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payouts ADD CONSTRAINT payouts_failures CHECK (failures >= 0);

-- Whose it is, and which request it is of, stays as well.
CREATE OR REPLACE FUNCTION kassa_payout_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.customer_id, NEW.request_key, NEW.beneficiary_id, NEW.transfer_key, NEW.prepared_by, NEW.prepared_at, NEW.target_currency,
      NEW.target_amount, NEW.source_currency, NEW.reference)
    IS DISTINCT FROM (OLD.id, OLD.customer_id, OLD.request_key, OLD.beneficiary_id, OLD.transfer_key, OLD.prepared_by, OLD.prepared_at,
      OLD.target_currency, OLD.target_amount, OLD.source_currency, OLD.reference)
    OR (OLD.approved_by IS NOT NULL AND NEW.approved_by IS DISTINCT FROM OLD.approved_by)
    OR (OLD.second_approved_by IS NOT NULL AND NEW.second_approved_by IS DISTINCT FROM OLD.second_approved_by)
    OR (OLD.transfer_ref IS NOT NULL AND NEW.transfer_ref IS DISTINCT FROM OLD.transfer_ref)
    OR (OLD.decision IN ('approved', 'refused', 'rejected', 'canceled') AND (NEW.source_amount, NEW.fee, NEW.rate, NEW.quote_ref)
      IS DISTINCT FROM (OLD.source_amount, OLD.fee, OLD.rate, OLD.quote_ref))
    OR (OLD.decision IN ('refused', 'rejected', 'canceled') AND NEW.decision <> OLD.decision)
    OR (OLD.decision = 'approved' AND NEW.decision NOT IN ('approved', 'refused', 'canceled'))
  THEN
    RAISE EXCEPTION 'what was decided of payout % does not change', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
