-- A provider's statement against the books: runs, what they are looking at, and the differences they find.

CREATE TABLE "reconciliation_runs" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "window_from" TIMESTAMPTZ NOT NULL,
    "window_to" TIMESTAMPTZ NOT NULL,
    "status" TEXT NOT NULL,
    "cursor" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ NOT NULL,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "counts" JSONB,
    "totals" JSONB,
    "error_context" JSONB,
    "started_at" TIMESTAMPTZ NOT NULL,
    "finished_at" TIMESTAMPTZ,

    CONSTRAINT "reconciliation_runs_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "reconciliation_lines" (
    "run_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "gross" BIGINT NOT NULL,
    "fee" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "is_counted" BOOLEAN NOT NULL DEFAULT true,
    "line" JSONB,

    CONSTRAINT "reconciliation_lines_pkey" PRIMARY KEY ("run_id","side","ref")
);

CREATE TABLE "reconciliation_breaks" (
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "provider_ref" TEXT,
    "object_ref" TEXT,
    "movement" TEXT NOT NULL,
    "transaction_ids" JSONB NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "difference" BIGINT,
    "expected" JSONB,
    "actual" JSONB,
    "occurred_at" TIMESTAMPTZ NOT NULL,
    "first_seen_run_id" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ NOT NULL,
    "last_seen_at" TIMESTAMPTZ NOT NULL,
    "ticketed_at" TIMESTAMPTZ,
    "resolved_at" TIMESTAMPTZ,
    "ignored_reason" TEXT,

    CONSTRAINT "reconciliation_breaks_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "reconciliation_sightings" (
    "run_id" TEXT NOT NULL,
    "break_id" TEXT NOT NULL,

    CONSTRAINT "reconciliation_sightings_pkey" PRIMARY KEY ("run_id","break_id")
);

CREATE INDEX "reconciliation_runs_started_at_id_idx" ON "reconciliation_runs"("started_at", "id");
CREATE INDEX "reconciliation_lines_run_id_side_key_idx" ON "reconciliation_lines"("run_id", "side", "key");
CREATE INDEX "reconciliation_breaks_provider_occurred_at_idx" ON "reconciliation_breaks"("provider", "occurred_at");
CREATE INDEX "reconciliation_sightings_break_id_idx" ON "reconciliation_sightings"("break_id");
ALTER TABLE "reconciliation_lines" ADD CONSTRAINT "reconciliation_lines_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "reconciliation_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "reconciliation_sightings" ADD CONSTRAINT "reconciliation_sightings_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "reconciliation_runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "reconciliation_sightings" ADD CONSTRAINT "reconciliation_sightings_break_id_fkey" FOREIGN KEY ("break_id") REFERENCES "reconciliation_breaks"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE reconciliation_runs
  ADD CONSTRAINT reconciliation_runs_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT reconciliation_runs_status CHECK (status IN ('running', 'finished', 'failed')),
  ADD CONSTRAINT reconciliation_runs_window CHECK (window_from < window_to),
  ADD CONSTRAINT reconciliation_runs_attempts CHECK (attempts >= 0),
  ADD CONSTRAINT reconciliation_runs_lease CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
  ADD CONSTRAINT reconciliation_runs_end CHECK ((status = 'running') = (finished_at IS NULL)),
  ADD CONSTRAINT reconciliation_runs_result CHECK (status <> 'finished' OR (counts IS NOT NULL AND totals IS NOT NULL));
-- The same window is not gone through twice at once: who asks again gets the run that is under way.
CREATE UNIQUE INDEX reconciliation_runs_running ON reconciliation_runs (provider, window_from, window_to) WHERE status = 'running';
CREATE INDEX reconciliation_runs_due ON reconciliation_runs (next_at) WHERE status = 'running';

ALTER TABLE reconciliation_lines
  ADD CONSTRAINT reconciliation_lines_side CHECK (side IN ('provider', 'books')),
  ADD CONSTRAINT reconciliation_lines_sum CHECK (gross - fee = net),
  ADD CONSTRAINT reconciliation_lines_line CHECK ((side = 'provider') = (line IS NOT NULL));

ALTER TABLE reconciliation_breaks
  ADD CONSTRAINT reconciliation_breaks_provider CHECK (provider IN ('stripe', 'apple', 'google', 'wise')),
  ADD CONSTRAINT reconciliation_breaks_type
    CHECK (type IN ('missing_here', 'missing_there', 'amount', 'currency', 'date', 'duplicate', 'status')),
  ADD CONSTRAINT reconciliation_breaks_status CHECK (status IN ('open', 'repairing', 'resolved', 'ignored')),
  ADD CONSTRAINT reconciliation_breaks_sides CHECK (expected IS NOT NULL OR actual IS NOT NULL),
  ADD CONSTRAINT reconciliation_breaks_end CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
  ADD CONSTRAINT reconciliation_breaks_ignored CHECK (status <> 'ignored' OR ignored_reason IS NOT NULL);
CREATE UNIQUE INDEX reconciliation_breaks_cause ON reconciliation_breaks (provider, key) WHERE status <> 'resolved';

ALTER TABLE payment_support_tickets
  DROP CONSTRAINT payment_support_tickets_type,
  ADD CONSTRAINT payment_support_tickets_type CHECK (type IN ('webhook_failure', 'payment_failure', 'dispute', 'refund_failure',
    'fraud_review', 'reconciliation_break', 'other'));

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['reconciliation_runs', 'reconciliation_lines', 'reconciliation_breaks', 'reconciliation_sightings'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO kassa_service', t);
  END LOOP;
END $$;
