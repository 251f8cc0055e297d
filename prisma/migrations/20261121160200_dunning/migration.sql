-- Declined renewals: cases, their reminders and attempts, and the policy of each plan.
ALTER TABLE "plans" ADD COLUMN "dunning" JSONB;

CREATE TABLE "dunning_cases" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "subscription_id" TEXT NOT NULL,
    "invoice_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "close_reason" TEXT,
    "opened_at" TIMESTAMPTZ NOT NULL,
    "grace_until" TIMESTAMPTZ NOT NULL,
    "closed_at" TIMESTAMPTZ,
    "taken_over_at" TIMESTAMPTZ,
    "hold_reason" TEXT,
    "decline_code" TEXT,
    "advice_code" TEXT,
    "network_advice_code" TEXT,
    "end_action" TEXT,
    "end_invoice" TEXT,
    "ending_at" TIMESTAMPTZ,
    "next_action_at" TIMESTAMPTZ,
    "lease_until" TIMESTAMPTZ,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "error_context" JSONB,
    "late_paid_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "dunning_cases_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "dunning_reminders" (
    "case_id" TEXT NOT NULL,
    "day" INTEGER NOT NULL,
    "customer_id" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "status" TEXT NOT NULL,
    "told_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "dunning_reminders_pkey" PRIMARY KEY ("case_id","day")
);

CREATE TABLE "payment_recovery_attempts" (
    "id" TEXT NOT NULL,
    "case_id" TEXT NOT NULL,
    "invoice_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "strategy" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "method_ref" TEXT,
    "request_key" TEXT NOT NULL,
    "requested_by" TEXT,
    "runs" INTEGER NOT NULL DEFAULT 0,
    "intent_id" TEXT,
    "lease_until" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ,
    "last_error_type" TEXT,
    "decline_code" TEXT,
    "advice_code" TEXT,
    "network_advice_code" TEXT,
    "ticket_id" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "payment_recovery_attempts_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "invoice_retry_schedules" (
    "invoice_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "next_attempt_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "invoice_retry_schedules_pkey" PRIMARY KEY ("invoice_id")
);

CREATE UNIQUE INDEX "dunning_cases_invoice_id_key" ON "dunning_cases"("invoice_id");
CREATE INDEX "dunning_cases_created_at_id_idx" ON "dunning_cases"("created_at", "id");
CREATE INDEX "dunning_cases_status_created_at_id_idx" ON "dunning_cases"("status", "created_at", "id");
CREATE INDEX "dunning_cases_subscription_id_idx" ON "dunning_cases"("subscription_id");
CREATE INDEX "dunning_cases_customer_id_created_at_idx" ON "dunning_cases"("customer_id", "created_at");
CREATE INDEX "dunning_reminders_customer_id_idx" ON "dunning_reminders"("customer_id");
CREATE UNIQUE INDEX "payment_recovery_attempts_request_key_key" ON "payment_recovery_attempts"("request_key");
CREATE INDEX "payment_recovery_attempts_invoice_id_created_at_idx" ON "payment_recovery_attempts"("invoice_id", "created_at");
CREATE INDEX "payment_recovery_attempts_customer_id_finished_at_idx" ON "payment_recovery_attempts"("customer_id", "finished_at");
CREATE INDEX "payment_recovery_attempts_ticket_id_idx" ON "payment_recovery_attempts"("ticket_id");
CREATE UNIQUE INDEX "payment_recovery_attempts_case_id_number_key" ON "payment_recovery_attempts"("case_id", "number");
CREATE INDEX "invoice_retry_schedules_customer_id_idx" ON "invoice_retry_schedules"("customer_id");

ALTER TABLE "dunning_cases" ADD CONSTRAINT "dunning_cases_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "dunning_cases" ADD CONSTRAINT "dunning_cases_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "dunning_cases" ADD CONSTRAINT "dunning_cases_invoice_id_fkey" FOREIGN KEY ("invoice_id") REFERENCES "invoices"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "dunning_reminders" ADD CONSTRAINT "dunning_reminders_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "dunning_cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "dunning_reminders" ADD CONSTRAINT "dunning_reminders_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payment_recovery_attempts" ADD CONSTRAINT "payment_recovery_attempts_case_id_fkey" FOREIGN KEY ("case_id") REFERENCES "dunning_cases"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payment_recovery_attempts" ADD CONSTRAINT "payment_recovery_attempts_invoice_id_fkey" FOREIGN KEY ("invoice_id") REFERENCES "invoices"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payment_recovery_attempts" ADD CONSTRAINT "payment_recovery_attempts_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payment_recovery_attempts" ADD CONSTRAINT "payment_recovery_attempts_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "payment_support_tickets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "invoice_retry_schedules" ADD CONSTRAINT "invoice_retry_schedules_invoice_id_fkey" FOREIGN KEY ("invoice_id") REFERENCES "invoices"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "invoice_retry_schedules" ADD CONSTRAINT "invoice_retry_schedules_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

-- Whole numbers, each between the bounds and none below the one before it.
CREATE FUNCTION kassa_ascends(list jsonb, lowest integer, highest integer) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT jsonb_typeof(list) = 'array' AND jsonb_array_length(list) <= 20 AND NOT EXISTS (
    SELECT FROM (
      SELECT value, lag(value) OVER (ORDER BY position) AS before
      FROM jsonb_array_elements(CASE jsonb_typeof(list) WHEN 'array' THEN list ELSE '[]' END) WITH ORDINALITY AS e (value, position)) e
    WHERE jsonb_typeof(value) <> 'number' OR value::text !~ '^[0-9]{1,4}$'
      OR CASE WHEN value::text ~ '^[0-9]{1,4}$' THEN value::text::int NOT BETWEEN lowest AND highest OR value < before END)
$$;
ALTER TABLE plans ADD CONSTRAINT plans_dunning CHECK (dunning IS NULL OR COALESCE(
  kassa_ascends(dunning -> 'reminderDays', 0, 90) AND kassa_ascends(dunning -> 'retryDelaysHours', 1, 168)
  AND (dunning ->> 'endAction') IN ('cancel', 'mark_unpaid', 'pause')
  AND (dunning ->> 'endInvoice') IN ('void', 'mark_uncollectible'), false));

ALTER TABLE dunning_cases
  ADD CONSTRAINT dunning_cases_provider CHECK (provider IN ('stripe', 'apple', 'google')),
  ADD CONSTRAINT dunning_cases_owner CHECK (owner IN ('kassa', 'provider')),
  ADD CONSTRAINT dunning_cases_status CHECK (status IN ('open', 'recovered', 'exhausted', 'closed')),
  ADD CONSTRAINT dunning_cases_closed CHECK ((status = 'open') = (closed_at IS NULL) AND (status = 'open') = (close_reason IS NULL)),
  ADD CONSTRAINT dunning_cases_reason CHECK (close_reason IN ('paid', 'grace_over', 'voided', 'uncollectible',
    'subscription_canceled', 'subscription_paused', 'subscription_unpaid', 'superseded')),
  ADD CONSTRAINT dunning_cases_hold CHECK (hold_reason IN ('watching', 'provider_retries', 'method_required',
    'action_required', 'network_cap', 'attempts_used', 'grace_ends')),
  ADD CONSTRAINT dunning_cases_grace CHECK (grace_until >= opened_at),
  ADD CONSTRAINT dunning_cases_end CHECK ((ending_at IS NULL) = (end_action IS NULL) AND (ending_at IS NULL) = (end_invoice IS NULL)
    AND end_action IN ('cancel', 'mark_unpaid', 'pause') AND end_invoice IN ('void', 'mark_uncollectible')),
  ADD CONSTRAINT dunning_cases_late CHECK (late_paid_at IS NULL OR status = 'exhausted'),
  ADD CONSTRAINT dunning_cases_failures CHECK (failures >= 0);
-- A subscription is followed up once, whatever number of its invoices is unpaid.
CREATE UNIQUE INDEX dunning_cases_open ON dunning_cases (subscription_id) WHERE status = 'open';
CREATE INDEX dunning_cases_due ON dunning_cases (next_action_at, id) WHERE status = 'open' AND next_action_at IS NOT NULL;
-- Who looks for declined renewals without a case looks at these only.
CREATE INDEX invoices_declined ON invoices (provider, provider_subscription_id) WHERE status = 'open' AND first_failed_at IS NOT NULL;

ALTER TABLE dunning_reminders
  ADD CONSTRAINT dunning_reminders_status CHECK (status IN ('sent', 'skipped', 'final')),
  ADD CONSTRAINT dunning_reminders_day CHECK (day BETWEEN 0 AND 90);

ALTER TABLE payment_recovery_attempts
  ADD CONSTRAINT payment_recovery_attempts_strategy CHECK (strategy IN ('scheduled', 'manual', 'new_method')),
  ADD CONSTRAINT payment_recovery_attempts_status
    CHECK (status IN ('scheduled', 'charging', 'succeeded', 'failed', 'unknown', 'skipped', 'canceled')),
  ADD CONSTRAINT payment_recovery_attempts_finished
    CHECK ((status IN ('scheduled', 'charging', 'unknown')) = (finished_at IS NULL)),
  ADD CONSTRAINT payment_recovery_attempts_begun
    CHECK (status NOT IN ('charging', 'unknown', 'succeeded', 'failed') OR (runs > 0 AND started_at IS NOT NULL)),
  ADD CONSTRAINT payment_recovery_attempts_counts CHECK (number > 0 AND runs >= 0),
  ADD CONSTRAINT payment_recovery_attempts_decline CHECK (decline_code IS NULL OR last_error_type IS NOT NULL);
-- Nothing is charged twice at once.
CREATE UNIQUE INDEX payment_recovery_attempts_in_flight ON payment_recovery_attempts (invoice_id) WHERE status IN ('charging', 'unknown');
CREATE UNIQUE INDEX payment_recovery_attempts_planned ON payment_recovery_attempts (case_id, strategy)
  WHERE status = 'scheduled' AND strategy = 'scheduled';
CREATE INDEX payment_recovery_attempts_due ON payment_recovery_attempts (due_at, id) WHERE status = 'scheduled';

ALTER TABLE invoice_retry_schedules ADD CONSTRAINT invoice_retry_schedules_attempts CHECK (attempts >= 0);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['dunning_cases', 'dunning_reminders', 'payment_recovery_attempts', 'invoice_retry_schedules'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO kassa_service', t);
  END LOOP;
  GRANT SELECT ON invoice_retry_schedules TO kassa_user;
  CREATE POLICY own_rows ON invoice_retry_schedules FOR SELECT TO kassa_user USING (customer_id = (SELECT kassa_customer_id()));
END $$;
