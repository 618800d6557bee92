-- The least that pgcensus needs, once for each cluster: as a superuser, on the primary.
-- Then give it a line in pg_hba.conf, or a password (\password pgcensus) that stands, for
-- who runs pgcensus, in ~/.pgpass of mode 0600: *:*:*:pgcensus:PASSWORD
CREATE ROLE pgcensus LOGIN CONNECTION LIMIT 5;
GRANT pg_monitor TO pgcensus;
