-- Files of payouts, prepared line by line.

CREATE TABLE "payout_batches" (
    "id" TEXT NOT NULL,
    "file_hash" TEXT NOT NULL,
    "request_key" TEXT,
    "confirm_duplicate" BOOLEAN NOT NULL,
    "prepared_by" TEXT NOT NULL,
    "roles" TEXT[],
    "created_at" TIMESTAMPTZ NOT NULL,
    "canceled_at" TIMESTAMPTZ,
    "canceled_by" TEXT,

    CONSTRAINT "payout_batches_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "payout_batch_lines" (
    "batch_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "sealed" TEXT,
    "payout_id" TEXT,
    "error" JSONB,
    "attempts" INTEGER NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "payout_batch_lines_pkey" PRIMARY KEY ("batch_id","number")
);

CREATE UNIQUE INDEX "payout_batches_request_key_key" ON "payout_batches"("request_key");
CREATE INDEX "payout_batches_file_hash_created_at_idx" ON "payout_batches"("file_hash", "created_at");
CREATE INDEX "payout_batches_created_at_id_idx" ON "payout_batches"("created_at", "id");
CREATE UNIQUE INDEX "payout_batch_lines_payout_id_key" ON "payout_batch_lines"("payout_id");
ALTER TABLE "payout_batch_lines" ADD CONSTRAINT "payout_batch_lines_batch_id_fkey" FOREIGN KEY ("batch_id") REFERENCES "payout_batches"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "payout_batch_lines" ADD CONSTRAINT "payout_batch_lines_payout_id_fkey" FOREIGN KEY ("payout_id") REFERENCES "payouts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE payout_batches
  -- 32 bytes in base64url: nothing of a file fits.
  ADD CONSTRAINT payout_batches_hash CHECK (file_hash ~ '^[A-Za-z0-9_-]{43}$'),
  ADD CONSTRAINT payout_batches_canceled CHECK ((canceled_at IS NULL) = (canceled_by IS NULL));

ALTER TABLE payout_batch_lines
  ADD CONSTRAINT payout_batch_lines_number CHECK (number BETWEEN 1 AND 1000),
  ADD CONSTRAINT payout_batch_lines_status CHECK (status IN ('pending', 'invalid', 'prepared', 'failed', 'canceled')),
  -- Never in clear, and no longer than it is needed.
  ADD CONSTRAINT payout_batch_lines_sealed CHECK ((status = 'pending') = (sealed IS NOT NULL) AND sealed ~ '^v1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$'),
  ADD CONSTRAINT payout_batch_lines_payout CHECK ((status = 'prepared') = (payout_id IS NOT NULL)),
  ADD CONSTRAINT payout_batch_lines_error CHECK ((status IN ('invalid', 'failed')) = (error IS NOT NULL) AND jsonb_typeof(error) = 'object'),
  ADD CONSTRAINT payout_batch_lines_attempts CHECK (attempts >= 0);

CREATE INDEX payout_batch_lines_due ON payout_batch_lines (due_at, batch_id, number) WHERE status = 'pending';

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['payout_batches', 'payout_batch_lines'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY service_all ON %I TO kassa_service USING (true) WITH CHECK (true)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO kassa_service', t);
  END LOOP;
END $$;
