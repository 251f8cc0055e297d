-- CreateTable
CREATE TABLE "catalog_rollouts" (
    "plan_id" TEXT NOT NULL,
    "position" TEXT NOT NULL DEFAULT '',
    "barrier" BIGINT,
    "is_last" BOOLEAN NOT NULL DEFAULT false,
    "requested_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "catalog_rollouts_pkey" PRIMARY KEY ("plan_id")
);

-- CreateIndex
CREATE INDEX "subscriptions_plan_id_id_idx" ON "subscriptions"("plan_id", "id");

-- AddForeignKey
ALTER TABLE "catalog_rollouts" ADD CONSTRAINT "catalog_rollouts_plan_id_fkey" FOREIGN KEY ("plan_id") REFERENCES "plans"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------
-- From here on by hand: what Prisma's schema cannot say.
-- ---------------------------------------------------------------------------------------------------------------

ALTER TABLE catalog_rollouts
  ADD CONSTRAINT catalog_rollouts_barrier CHECK (barrier > 0),
  ADD CONSTRAINT catalog_rollouts_last CHECK (NOT is_last OR barrier IS NOT NULL);

-- Grants, journals and the objects at providers go by these names.
CREATE FUNCTION kassa_plan_keeps_its_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.code) IS DISTINCT FROM (OLD.id, OLD.code) THEN
    RAISE EXCEPTION 'a plan keeps its code' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER plans_keep_their_code BEFORE UPDATE ON plans FOR EACH ROW EXECUTE FUNCTION kassa_plan_keeps_its_code();

CREATE FUNCTION kassa_feature_keeps_its_meaning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.key, NEW.type) IS DISTINCT FROM (OLD.id, OLD.key, OLD.type) THEN
    RAISE EXCEPTION 'a feature keeps its key and its type' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER features_keep_their_meaning BEFORE UPDATE ON features FOR EACH ROW EXECUTE FUNCTION kassa_feature_keeps_its_meaning();

ALTER TABLE catalog_rollouts ENABLE ROW LEVEL SECURITY;
ALTER TABLE catalog_rollouts FORCE ROW LEVEL SECURITY;
CREATE POLICY service_all ON catalog_rollouts TO kassa_service USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON catalog_rollouts TO kassa_service;
