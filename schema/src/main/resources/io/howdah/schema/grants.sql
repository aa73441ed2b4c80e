-- Nothing is open to everybody: whoever is to publish or consume is granted it. Run at the end of each installation,
-- so that what a new release brings is closed, too; what has been granted to a role stays granted.
revoke all on schema howdah from public;
revoke all on all tables in schema howdah from public;
revoke all on all sequences in schema howdah from public;
revoke all on all routines in schema howdah from public;
