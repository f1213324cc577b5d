SET client_min_messages = warning;
SET default_transaction_read_only = on;
SET statement_timeout = '15s';
