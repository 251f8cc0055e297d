-- How far the revenue of each invoice has been released from what is deferred.

CREATE TABLE "revenue_schedules" (
    "invoice_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "released" BIGINT NOT NULL,
    "postings" INTEGER NOT NULL,
    "next_at" TIMESTAMPTZ,
    "checked_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "revenue_schedules_pkey" PRIMARY KEY ("invoice_id")
);

CREATE INDEX "revenue_schedules_customer_id_idx" ON "revenue_schedules"("customer_id");
ALTER TABLE "revenue_schedules" ADD CONSTRAINT "revenue_schedules_invoice_id_fkey" FOREIGN KEY ("invoice_id") REFERENCES "invoices"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "revenue_schedules" ADD CONSTRAINT "revenue_schedules_customer_id_fkey" FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say -----------------------------------------------------------------------------------

ALTER TABLE revenue_schedules ADD CONSTRAINT revenue_schedules_postings CHECK (postings >= 0);
CREATE INDEX revenue_schedules_due ON revenue_schedules (next_at) WHERE next_at IS NOT NULL;
-- A changed invoice is looked at again, a finished one too.
CREATE INDEX invoices_finalized_updated ON invoices (updated_at) WHERE finalized_at IS NOT NULL;

ALTER TABLE revenue_schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE revenue_schedules FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON revenue_schedules TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON revenue_schedules TO kassa_service;
