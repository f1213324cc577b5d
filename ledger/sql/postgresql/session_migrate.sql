-- Altering a large table takes its time.
SET client_min_messages = warning;
SET synchronous_commit = on;
SET lock_timeout = '5s';
