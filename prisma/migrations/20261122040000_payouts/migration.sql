-- Payouts: what people decided, the transfer that carries it, and every change of status.

CREATE TABLE "transfer_owners" (
    "transfer_key" UUID NOT NULL,
    "payout_id" TEXT NOT NULL,

    CONSTRAINT "transfer_owners_pkey" PRIMARY KEY ("transfer_key")
);

CREATE TABLE "payouts" (
    "id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "beneficiary_id" TEXT NOT NULL,
    "customer_id" TEXT,
    "transfer_key" UUID NOT NULL,
    "request_key" TEXT,
    "reference" TEXT NOT NULL,
    "source_currency" CHAR(3) NOT NULL,
    "source_amount" BIGINT NOT NULL,
    "fee" BIGINT NOT NULL,
    "target_currency" CHAR(3) NOT NULL,
    "target_amount" BIGINT NOT NULL,
    "rate" DECIMAL NOT NULL,
    "quote_ref" TEXT NOT NULL,
    "quote_expires_at" TIMESTAMPTZ NOT NULL,
    "reservations" INTEGER NOT NULL,
    "offered_quote" JSONB,
    "prepared_by" TEXT NOT NULL,
    "prepared_at" TIMESTAMPTZ NOT NULL,
    "approved_by" TEXT,
    "approved_at" TIMESTAMPTZ,
    "second_approved_by" TEXT,
    "second_approved_at" TIMESTAMPTZ,
    "ended_by" TEXT,
    "end_reason" TEXT,
    "cancel_requested_at" TIMESTAMPTZ,
    "transfer_ref" TEXT,
    "funding_called_at" TIMESTAMPTZ,
    "failure_code" TEXT,
    "step_at" TIMESTAMPTZ,
    "lease_until" TIMESTAMPTZ,
    "attempts" INTEGER NOT NULL,
    "poll_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "payouts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "payout_history" (
    "payout_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "from_status" TEXT,
    "to_status" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "recorded_at" TIMESTAMPTZ NOT NULL,
    "source" TEXT NOT NULL,
    "actor" TEXT,
    "source_id" TEXT,
    "reason" TEXT,

    CONSTRAINT "payout_history_pkey" PRIMARY KEY ("payout_id","position")
);

CREATE TABLE "transfers" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "transfer_key" UUID NOT NULL,
    "payout_id" TEXT,
    "state" TEXT,
    "funding" TEXT,
    "failure_code" TEXT,
    "times_sent" INTEGER NOT NULL,
    "was_funded" BOOLEAN NOT NULL,
    "returned" BIGINT,
    "last_fact_id" TEXT NOT NULL,
    "fact_count" INTEGER NOT NULL,
    "verified_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "transfer_owners_payout_id_key" ON "transfer_owners"("payout_id");
CREATE UNIQUE INDEX "payouts_transfer_key_key" ON "payouts"("transfer_key");
CREATE UNIQUE INDEX "payouts_request_key_key" ON "payouts"("request_key");
CREATE UNIQUE INDEX "payouts_transfer_ref_key" ON "payouts"("transfer_ref");
CREATE INDEX "payouts_prepared_at_id_idx" ON "payouts"("prepared_at", "id");
CREATE INDEX "payouts_beneficiary_id_prepared_at_idx" ON "payouts"("beneficiary_id", "prepared_at");
CREATE INDEX "payouts_status_prepared_at_idx" ON "payouts"("status", "prepared_at");
CREATE INDEX "payouts_customer_id_idx" ON "payouts"("customer_id");
CREATE INDEX "transfers_transfer_key_idx" ON "transfers"("transfer_key");
CREATE UNIQUE INDEX "transfers_provider_provider_id_key" ON "transfers"("provider", "provider_id");

ALTER TABLE "payouts" ADD CONSTRAINT "payouts_beneficiary_id_fkey" FOREIGN KEY ("beneficiary_id") REFERENCES "beneficiaries"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payouts" ADD CONSTRAINT "payouts_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payouts" ADD CONSTRAINT "payouts_transfer_key_fkey" FOREIGN KEY ("transfer_key") REFERENCES "transfer_owners"("transfer_key") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payout_history" ADD CONSTRAINT "payout_history_payout_id_fkey" FOREIGN KEY ("payout_id") REFERENCES "payouts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE payouts
  ADD CONSTRAINT payouts_status CHECK (status IN ('queued', 'awaiting_second_approval', 'processing', 'requires_manual_funding',
    'paid', 'bounced', 'failed', 'refunded', 'charged_back', 'canceled', 'rejected')),
  ADD CONSTRAINT payouts_decision CHECK (decision IN ('queued', 'awaiting_second_approval', 'approved', 'rejected', 'canceled', 'refused')),
  -- Without a transfer the status is what was decided.
  ADD CONSTRAINT payouts_status_decided CHECK (transfer_ref IS NOT NULL OR status = CASE decision
    WHEN 'approved' THEN 'processing' WHEN 'refused' THEN 'failed' ELSE decision END),
  ADD CONSTRAINT payouts_transfer_approved CHECK (transfer_ref IS NULL OR decision = 'approved'),
  ADD CONSTRAINT payouts_amounts CHECK (source_amount > 0 AND target_amount > 0 AND fee >= 0 AND fee < source_amount AND rate > 0),
  ADD CONSTRAINT payouts_currencies CHECK (source_currency ~ '^[A-Z]{3}$' AND target_currency ~ '^[A-Z]{3}$'),
  ADD CONSTRAINT payouts_reference CHECK (length(reference) BETWEEN 1 AND 140),
  ADD CONSTRAINT payouts_reservations CHECK (reservations >= 1),
  ADD CONSTRAINT payouts_attempts CHECK (attempts >= 0),
  -- Who prepares does not approve, and nobody approves twice.
  ADD CONSTRAINT payouts_four_eyes CHECK (approved_by <> prepared_by AND second_approved_by <> prepared_by AND second_approved_by <> approved_by),
  ADD CONSTRAINT payouts_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)
    AND (second_approved_by IS NULL) = (second_approved_at IS NULL) AND (second_approved_by IS NULL OR approved_by IS NOT NULL)
    AND (decision NOT IN ('approved', 'refused', 'awaiting_second_approval') OR approved_by IS NOT NULL)
    AND (decision <> 'queued' OR approved_by IS NULL)),
  ADD CONSTRAINT payouts_ended CHECK ((decision IN ('rejected', 'canceled')) = (ended_by IS NOT NULL)),
  ADD CONSTRAINT payouts_funding CHECK (funding_called_at IS NULL OR transfer_ref IS NOT NULL);

ALTER TABLE payout_history
  ADD CONSTRAINT payout_history_position CHECK (position >= 1 AND (position = 1) = (from_status IS NULL)),
  ADD CONSTRAINT payout_history_changed CHECK (from_status <> to_status),
  ADD CONSTRAINT payout_history_source CHECK (source IN ('person', 'kassa', 'answer', 'webhook', 'reading')),
  ADD CONSTRAINT payout_history_person CHECK ((source = 'person') = (actor IS NOT NULL));

ALTER TABLE transfers
  ADD CONSTRAINT transfers_provider CHECK (provider = 'wise'),
  ADD CONSTRAINT transfers_state CHECK (state IN ('incoming_payment_waiting', 'incoming_payment_initiated', 'processing', 'funds_converted',
    'outgoing_payment_sent', 'bounced_back', 'funds_refunded', 'cancelled', 'charged_back')),
  ADD CONSTRAINT transfers_funding CHECK (funding IN ('completed', 'rejected', 'authorization_required')),
  ADD CONSTRAINT transfers_times CHECK (times_sent >= 0 AND fact_count >= 1),
  ADD CONSTRAINT transfers_returned CHECK (returned IS NULL OR (returned >= 0 AND was_funded));

CREATE INDEX payouts_steps ON payouts (step_at) WHERE step_at IS NOT NULL;
CREATE INDEX payouts_polls ON payouts (poll_at) WHERE poll_at IS NOT NULL;

-- What was paid to whom stays as it was prepared; a new quote changes its figures only before it is approved.
CREATE FUNCTION kassa_payout_is_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.beneficiary_id, NEW.transfer_key, NEW.prepared_by, NEW.prepared_at, NEW.target_currency, NEW.target_amount, NEW.source_currency, NEW.reference)
    IS DISTINCT FROM (OLD.beneficiary_id, OLD.transfer_key, OLD.prepared_by, OLD.prepared_at, OLD.target_currency, OLD.target_amount, OLD.source_currency, OLD.reference)
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
CREATE TRIGGER payouts_settled BEFORE UPDATE ON payouts FOR EACH ROW EXECUTE FUNCTION kassa_payout_is_settled();

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['transfer_owners', 'payouts', 'payout_history', 'transfers'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['transfer_owners', 'payout_history'] LOOP
    EXECUTE format('GRANT SELECT, INSERT ON %I TO kassa_service', t);
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION kassa_refuse_change()', t || '_append_only', t);
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change()', t || '_no_truncate', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON payouts, transfers TO kassa_service;
