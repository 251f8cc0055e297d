-- What the tax of an invoice is made of: per rate its amount, on top or contained, and why; zero taxes too.
ALTER TABLE "invoices" ADD COLUMN "taxes" JSONB NOT NULL DEFAULT '[]';
ALTER TABLE "invoices" ADD CONSTRAINT invoices_taxes CHECK (jsonb_typeof(taxes) = 'array');
