-- What Google has still to be told: that a purchase is granted. Else it gives the money back after three days.

CREATE TABLE "google_acknowledgements" (
    "purchase_token" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "product_ref" TEXT NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ NOT NULL,
    "lease_until" TIMESTAMPTZ,
    "last_error" TEXT,
    "settled_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "google_acknowledgements_pkey" PRIMARY KEY ("purchase_token")
);

CREATE INDEX "google_acknowledgements_customer_id_idx" ON "google_acknowledgements"("customer_id");

ALTER TABLE "google_acknowledgements" ADD CONSTRAINT "google_acknowledgements_customer_id_fkey"
  FOREIGN KEY ("customer_id") REFERENCES "customers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

CREATE INDEX google_acknowledgements_pending ON google_acknowledgements (next_try_at) WHERE status = 'pending';

ALTER TABLE google_acknowledgements
  ADD CONSTRAINT google_acknowledgements_kind CHECK (kind IN ('subscription', 'product')),
  ADD CONSTRAINT google_acknowledgements_status CHECK (status IN ('pending', 'done', 'lost')),
  ADD CONSTRAINT google_acknowledgements_settled CHECK ((status = 'pending') = (settled_at IS NULL)),
  ADD CONSTRAINT google_acknowledgements_lease CHECK (lease_until IS NULL OR status = 'pending'),
  ADD CONSTRAINT google_acknowledgements_attempts CHECK (attempts >= 0);

ALTER TABLE google_acknowledgements ENABLE ROW LEVEL SECURITY;
ALTER TABLE google_acknowledgements FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON google_acknowledgements TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON google_acknowledgements TO kassa_service;
