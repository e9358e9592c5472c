-- The copied names go with their column; what is left to undo is that the constraint was proved.
ALTER TABLE orders DROP CONSTRAINT orders_customer_name_given;

ALTER TABLE orders ADD CONSTRAINT orders_customer_name_given CHECK (customer_name IS NOT NULL) NOT VALID;
