-- holdfast: phase=pre_deployment
-- Release 1.1 says customer_name where 1.0 said customer, and knows an e-mail address.
-- Both releases run at the same time for a while: a trigger keeps the two names in step.
ALTER TABLE orders
    ADD COLUMN customer_name text CHECK (length(customer_name) BETWEEN 1 AND 100),
    ADD COLUMN customer_email text CHECK (length(customer_email) BETWEEN 3 AND 254),
    ADD CONSTRAINT orders_customer_name_given CHECK (customer_name IS NOT NULL) NOT VALID;

CREATE FUNCTION orders_keep_customer_in_step() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.customer_name := coalesce(NEW.customer_name, NEW.customer);
        NEW.customer := coalesce(NEW.customer, NEW.customer_name);
    ELSIF NEW.customer IS DISTINCT FROM OLD.customer THEN
        NEW.customer_name := NEW.customer;
    ELSIF NEW.customer_name IS DISTINCT FROM OLD.customer_name THEN
        NEW.customer := NEW.customer_name;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER orders_keep_customer_in_step
BEFORE INSERT OR UPDATE OF customer, customer_name ON orders
FOR EACH ROW EXECUTE FUNCTION orders_keep_customer_in_step();
