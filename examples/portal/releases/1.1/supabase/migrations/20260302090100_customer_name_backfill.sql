-- holdfast: phase=pre_deployment
-- Apart from the expansion, so that its short exclusive lock is not held while rows are rewritten.
UPDATE orders SET customer_name = customer WHERE customer_name IS NULL;

ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_name_given;
