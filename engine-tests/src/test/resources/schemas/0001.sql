-- Howdah, schema version 1: installs or upgrades schema howdah in one transaction, all or nothing.
-- Run it with: psql --set ON_ERROR_STOP=1 --file THIS_FILE
begin isolation level read committed, read write;

-- the installer's lock
set local client_min_messages = warning;
set local search_path = pg_catalog, pg_temp;
set local check_function_bodies = off;
set local statement_timeout = 0;
set local lock_timeout = '5min';
do $$ begin perform pg_advisory_xact_lock(114827953725800); end $$;
set local lock_timeout = '10s';

-- the check of the server and schema
do $howdah_step$
declare namespace oid; owner_name name;
begin
if current_setting('server_version_num')::int < 150000 then
  raise exception 'PostgreSQL % is too old: Howdah needs PostgreSQL 15 or newer',
      current_setting('server_version') using errcode = 'HD426';
end if;
select n.oid, r.rolname into namespace, owner_name
  from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = 'howdah';
if namespace is null then
  if not has_database_privilege(current_database(), 'create') then
    raise exception 'role "%" may not create schema howdah in database "%"', current_user, current_database()
        using errcode = '42501', hint = format('grant create on database %I to %I', current_database(), current_user);
  end if;
  create schema howdah;
elsif not pg_has_role(owner_name, 'usage') then
  raise exception 'schema howdah in database "%" belongs to role "%", not to "%"', current_database(), owner_name, current_user
      using errcode = '42501', hint = format('install as role %I', owner_name);
elsif to_regclass('howdah.migration') is null
    and (exists (select from pg_class where relnamespace = namespace)
      or exists (select from pg_proc where pronamespace = namespace)
      or exists (select from pg_type where typnamespace = namespace)) then
  raise exception 'schema howdah in database "%" holds something else than Howdah', current_database()
      using errcode = 'HD409', hint = 'use another database, or rename that schema';
end if;
end $howdah_step$;

-- the table howdah.migration
create table if not exists howdah.migration (
  number int primary key,
  name text not null,
  checksum text not null,
  at timestamptz not null default clock_timestamp());

-- the check of the migrations
do $howdah_step$
declare applied record;
begin
if (select max(number) from howdah.migration) > 1 then
  raise exception 'schema howdah in database "%" is of version %, this Howdah knows version 1',
      current_database(), (select max(number) from howdah.migration)
      using errcode = 'HD426', hint = 'use the Howdah that installed it, or a newer one';
end if;
for applied in select m.number, m.name, m.checksum as found, k.checksum as expected
    from howdah.migration m left join (values (0, ''),
    (1, 'b666550be36a1b2d244a6f505819895e051de5db7a0953b08f584f4908cc3ff0')) as k (number, checksum) using (number) order by m.number loop
  if applied.expected is distinct from applied.found then
    raise exception 'migration %_% in database "%" was applied with another text than this Howdah has',
        to_char(applied.number, 'FM0000'), applied.name, current_database()
        using errcode = 'HD426', hint = 'use the Howdah that installed it';
  end if;
end loop;
end $howdah_step$;

-- migration 0001_engine
do $howdah_step$

begin
if exists (select from howdah.migration where number = 1) then
  return;
end if;
execute $howdah_migration$
-- The engine: one log, ticks that give it positions, slices that hand ranges of positions to consumers.
--
-- "Ring": a parent with eight children, one for each value of seg. Rows are inserted through the parent and never
-- updated or deleted; a child is emptied by TRUNCATE once nobody needs it (see housekeep). What has one value of seg in
-- all rings together is one segment.

create type howdah.delivery as (
  token text,
  "position" bigint,
  id uuid,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  published_at timestamptz,
  attempt int
);

-- Its row is the sequencing lock; it is locked, never written, so it leaves no dead rows.
create table howdah.stream (
  id int generated always as identity primary key,
  name text collate "C" not null unique,
  kind text not null check (kind in ('queue', 'stream', 'return')),
  volume smallint not null default 1,
  retention interval not null default '0',
  once_window interval not null default '5 min',
  max_payload int not null default 1048576 check (max_payload between 1 and 268435456),
  created_at timestamptz not null default clock_timestamp()
);

-- Deduplication keys that were used lately, and the message that each stands for.
create table howdah.once (
  stream int not null,
  key text collate "C" not null,
  id uuid not null,
  until timestamptz not null,
  primary key (stream, key)
);

create index once_until on howdah.once (until);

-- Its row is the cutting lock. Where it stands is told by its newest slice, not here. What becomes of a message that
-- fails is told by max_attempts (null: no limit), backoff and after_last: see with_options, which knows what fits what.
-- Filtered means that a claim has to sift its stream: it has bindings, or some of what waits was purged.
create table howdah.subscription (
  id int generated always as identity primary key,
  name text collate "C" not null unique,
  kind text not null default 'subscription' check (kind in ('queue', 'subscription')),
  stream int not null references howdah.stream,
  return_stream int not null unique references howdah.stream,
  filtered boolean not null default false,
  paused boolean not null default false,
  claims text not null default 'own' check (claims in ('own', 'held')),
  ordering text not null default 'none' check (ordering in ('none', 'key', 'strict')),
  lanes smallint not null default 64 check (lanes between 1 and 4096),
  max_attempts int check (max_attempts between 1 and 30000),
  backoff text not null check (backoff in ('none', 'fixed', 'list', 'exponential')),
  delays interval[] not null,
  delay_cap interval not null,
  jitter float8 not null check (jitter between 0 and 1),
  after_last text not null check (after_last in ('dead_letter', 'discard')),
  archive_retention interval,
  created_at timestamptz not null default clock_timestamp()
);

create index subscription_stream on howdah.subscription (stream);

-- What a subscription takes of its stream from a position on, until the next row: messages whose topic matches one of the
-- patterns; all of them where patterns is null, none where it is empty. No row: all. The expression is the patterns as
-- one regular expression over the topic with a dot before it.
create table howdah.binding (
  sub int not null references howdah.subscription on delete cascade,
  since bigint not null,
  patterns text[],
  expression text collate "C",
  primary key (sub, since)
);

-- What claims of a filtered subscription leave out: messages of one of its two streams up to a position that match both.
create table howdah.purged (
  sub int not null references howdah.subscription on delete cascade,
  src int not null,
  upto bigint not null,
  expression text collate "C",
  key text
);

create index purged_range on howdah.purged (sub, src, upto);

-- One number for each publish statement, never cached: a cached number would be older than its use.
create sequence howdah.block as bigint cache 1;

-- Where and after which number this copy of the database was born. A materialized view, because a dump restores it by
-- asking its query again, when the data and the sequence are back: so a restore tells on itself, and all that was
-- published before it is below first_seq. Never refresh it by hand.
create materialized view howdah.birth as
select gen_random_uuid() as id, c.system_identifier as system, d.oid as database, (b.last_value + 1) << 13 as first_seq
from pg_catalog.pg_control_system() c, pg_catalog.pg_database d, howdah.block b
where d.datname = pg_catalog.current_database();

-- A stretch of history in which transaction ids and positions mean one thing: a new one begins with a restore (another
-- birth) and with a promotion or an upgrade of the server (another timeline or system, ids go on).
create table howdah.epoch (
  no int primary key,
  birth uuid not null,
  system bigint not null,
  database oid not null,
  timeline text not null,
  first_seq bigint not null,
  opened_at timestamptz not null default clock_timestamp()
);

-- Which ring child takes new rows: the newest row says.
create table howdah.segment (
  volume smallint not null,
  no bigint not null,
  seg smallint not null,
  opened_at timestamptz not null default clock_timestamp(),
  primary key (volume, no)
);

-- Up to this position the messages of a stream are gone, because their segment was emptied.
create table howdah.horizon (
  stream int primary key references howdah.stream on delete cascade,
  "position" bigint not null
);

-- failed_at: when a retried message failed for the first time.
create table howdah.log (
  seg smallint not null,
  attempt smallint not null,
  stream int not null,
  xid bigint not null,
  seq bigint not null,
  published_at timestamptz not null,
  id uuid not null,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  failed_at timestamptz
) partition by list (seg);

create index log_window on howdah.log (stream, xid, seq);

create table howdah.tick (
  seg smallint not null,
  stream int not null,
  epoch int not null,
  segs int not null,
  first bigint not null,
  n int not null,
  lo bigint not null,
  hi bigint not null,
  at timestamptz not null,
  xids int8multirange not null,
  seen int8multirange,
  unique (stream, first, seg)
) partition by list (seg);

create table howdah.slice (
  seg smallint not null,
  attempt smallint not null,
  sub int not null,
  no bigint not null,
  source_at bigint not null,
  return_at bigint not null,
  floor bigint not null,
  src int not null,
  lane smallint,
  from_pos bigint not null,
  to_pos bigint not null,
  n int not null,
  low_seg smallint not null default 0,
  high_seg smallint not null default 7,
  token bigint not null,
  deadline timestamptz not null,
  at timestamptz not null,
  reaped_at timestamptz not null,
  owner text,
  positions bigint[],
  unique (sub, no, seg)
) partition by list (seg);

create table howdah.closed (
  seg smallint not null,
  sub int not null,
  no bigint not null,
  how text not null,
  at timestamptz not null,
  unique (sub, no, seg)
) partition by list (seg);

create table howdah.part (
  seg smallint not null,
  sub int not null,
  no bigint not null,
  positions bigint[] not null
) partition by list (seg);

create index part_slice on howdah.part (sub, no);

do $$
begin
  for ring in 0..7 loop
    execute format('create table howdah.log_%1$s partition of howdah.log for values in (%1$s) with (autovacuum_enabled = off)', ring);
    execute format('create table howdah.tick_%1$s partition of howdah.tick for values in (%1$s) with (autovacuum_enabled = off)', ring);
    execute format('create table howdah.slice_%1$s partition of howdah.slice for values in (%1$s) with (autovacuum_enabled = off)', ring);
    execute format('create table howdah.closed_%1$s partition of howdah.closed for values in (%1$s) with (autovacuum_enabled = off)', ring);
    execute format('create table howdah.part_%1$s partition of howdah.part for values in (%1$s) with (autovacuum_enabled = off)', ring);
  end loop;
end
$$;

-- What changed about a slice after it was cut: renewed, released, taken over. Few rows, and the only ones that are updated.
create table howdah.held (
  sub int not null,
  no bigint not null,
  seg smallint not null,
  attempt smallint not null,
  token bigint not null,
  deadline timestamptz not null,
  owner text,
  primary key (sub, no)
) with (fillfactor = 50);

-- What is published again and again. When it fires next is told by its row in due; a paused one has none.
create table howdah.recurring (
  id int generated always as identity primary key,
  name text collate "C" not null unique,
  stream int not null references howdah.stream on delete cascade,
  cron text not null,
  zone text not null,
  missed text not null check (missed in ('skip', 'once', 'all')),
  paused boolean not null default false,
  topic text,
  key text,
  headers json,
  payload json not null,
  fired bigint not null default 0,
  fired_at timestamptz,
  error text
);

-- Messages that are not yet in the log: delays and retries; and, without a message, the next time of what recurs.
create table howdah.due (
  due timestamptz not null,
  no bigint generated always as identity,
  stream int not null,
  sub int,
  attempt smallint not null,
  published_at timestamptz not null,
  id uuid not null,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  reason text,
  failed_at timestamptz,
  recurring int,
  primary key (due, no)
);

create index due_stream on howdah.due (stream, due);
create index due_id on howdah.due (id);
create index due_recurring_next on howdah.due (due) where recurring is not null;
create unique index due_recurring on howdah.due (recurring) where recurring is not null;

-- Two cells outside of MVCC, in microseconds: up to where promote has looked, and when it last looked at everything.
create sequence howdah.due_watermark minvalue 0 start 0;
create sequence howdah.due_full_pass minvalue 0 start 0;

create table howdah.dead_letter (
  sub int not null,
  no bigint generated always as identity,
  "position" bigint,
  attempts int not null,
  reason text not null,
  error text,
  first_failed_at timestamptz not null,
  failed_at timestamptz not null,
  published_at timestamptz not null,
  id uuid not null,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  primary key (sub, no)
);

create index dead_letter_id on howdah.dead_letter (sub, id);

create unique index dead_letter_no on howdah.dead_letter (no);

-- Messages that were settled with the outcome archive.
create table howdah.archive (
  sub int not null,
  no bigint generated always as identity,
  "position" bigint,
  attempts int not null,
  archived_at timestamptz not null,
  published_at timestamptz not null,
  id uuid not null,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  primary key (sub, no)
);

create unique index archive_no on howdah.archive (no);
create index archive_id on howdah.archive (sub, id);
create index archive_at on howdah.archive (sub, archived_at);

-- What was counted instead of kept, for each subscription: rows are added, housekeep adds them up.
create table howdah.tally (
  sub int not null,
  what text not null,
  n bigint not null
);

create index tally_sub on howdah.tally (sub, what);

-- Consumers that sleep and want to be rung.
create table howdah.sleeper (
  sub int not null,
  process uuid not null,
  until timestamptz not null,
  primary key (sub, process)
);

-- What one process does at a time for all others: its row is the lock.
create table howdah.duty (
  name text primary key
);

insert into howdah.duty values ('promote'), ('rotate');

insert into howdah.segment (volume, no, seg) values (1, 1, 0);

insert into howdah.epoch (no, birth, system, database, timeline, first_seq)
select 1, b.id, b.system, b.database, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), 0
from howdah.birth b;

$howdah_migration$;
insert into howdah.migration (number, name, checksum) values (1, 'engine', 'b666550be36a1b2d244a6f505819895e051de5db7a0953b08f584f4908cc3ff0');
end $howdah_step$;

-- functions/archive/archived.sql
-- Archived messages of a subscription, or of all: oldest first, page by page (give the last `no` as `after`). filter: see
-- find_letters; since and until are about the time of archiving. Changes nothing. Raises HD404, 22023.
create or replace function howdah.archived(
  subscription text default null,
  filter json default null,
  after bigint default 0,
  quantity int default 100
) returns table (
  no bigint,
  subscription_name text,
  id uuid,
  attempts int,
  archived_at timestamptz,
  published_at timestamptz,
  topic text,
  key text,
  headers json,
  payload json
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub constant int := howdah.subscription_id(archived.subscription);
begin
  perform howdah.check_page(archived.quantity);
  return query
  select a.no, s.name, a.id, a.attempts, a.archived_at, a.published_at, a.topic, a.key, a.headers, a.payload
  from howdah.find_letters('archived', v_sub, archived.filter, coalesce(archived.after, 0), archived.quantity) f
    join howdah.archive a on a.no = f
    join howdah.subscription s on s.id = a.sub
  order by a.no;
end
$$;

-- functions/archive/count_archived.sql
-- How many archived messages a filter means. Raises HD404, 22023.
create or replace function howdah.count_archived(subscription text default null, filter json default null) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(count_archived.subscription);
begin
  return (select count(*) from howdah.find_letters('archived', v_sub, count_archived.filter, 0, null));
end
$$;

-- functions/archive/delete_archived.sql
-- Deletes up to `quantity` archived messages that a filter means, '{}' for all, oldest first; returns how many. Raises
-- HD404, 22023.
create or replace function howdah.delete_archived(subscription text, filter json, quantity int default 10000) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(delete_archived.subscription);
  v_count bigint;
begin
  perform howdah.check_page(delete_archived.quantity);
  if v_sub is null or delete_archived.filter is null then
    raise exception using errcode = '22023', message = 'a subscription and a filter must be named',
      hint = 'The filter {} means all of the subscription.';
  end if;
  delete from howdah.archive a
  where a.sub = v_sub and a.no = any (array(
    select * from howdah.find_letters('archived', v_sub, delete_archived.filter, 0, delete_archived.quantity)));
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

-- functions/archive/expire_archive.sql
-- Deletes archived messages that have been kept for as long as their subscription says, up to 10,000 a call.
create or replace function howdah.expire_archive() returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count bigint;
begin
  delete from howdah.archive a
  using (
    select o.sub, o.no
    from howdah.subscription s
      cross join lateral (
        select e.sub, e.no from howdah.archive e
        where e.sub = s.id and e.archived_at < howdah.now() - s.archive_retention
        order by e.archived_at
        limit 10000
      ) o
    where s.archive_retention is not null
    limit 10000
  ) o
  where a.sub = o.sub and a.no = o.no;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

-- functions/archive/republish_archived.sql
-- Publishes up to `quantity` archived messages that a filter means again, oldest first, after a number, as new messages
-- with new ids: to their queue, or to their subscription and no other of its stream, or to `target`. They stay in the archive. One row for each: its number and the new
-- id; for more give the last number as `after`. In the caller's transaction. Raises HD404, 22023.
create or replace function howdah.republish_archived(
  subscription text,
  filter json default null,
  after bigint default 0,
  quantity int default 1000,
  target text default null
) returns table (no bigint, id uuid)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub constant int := howdah.subscription_id(republish_archived.subscription);
  v_from record;
begin
  perform howdah.check_page(republish_archived.quantity);
  if v_sub is null then
    perform howdah.fail_unknown('subscription', null);
  end if;
  select array_agg(a.no order by a.no) as nos, array_agg(a.payload::text order by a.no) as payloads,
    array_agg(a.topic order by a.no) as topics, array_agg(a.key order by a.no) as keys,
    array_agg(a.headers::text order by a.no) as headers
  into v_from
  from howdah.archive a
  where a.sub = v_sub and a.no = any (array(
    select * from howdah.find_letters('archived', v_sub, republish_archived.filter,
      coalesce(republish_archived.after, 0), republish_archived.quantity)));
  if v_from.nos is not null then
    return query
    select * from unnest(v_from.nos,
      howdah.publish_many(coalesce(republish_archived.target, republish_archived.subscription), v_from.payloads, v_from.topics, v_from.keys, v_from.headers));
  end if;
end
$$;

-- functions/bell/mark_sleeping.sql
-- Says that a process sleeps and wants to be rung when there is something for a subscription; returns the id that the
-- bell names. The mark lasts for `ttl`. Look once more after it has been committed: who publishes after that rings.
-- Marks that others are renewing are left alone: waiting for one another would be a deadlock. Raises HD404, 22023.
create or replace function howdah.mark_sleeping(subscription text, process uuid, ttl interval) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub int;
begin
  if process is null or ttl is null or ttl not between '0' and '1 day' then
    raise exception using errcode = '22023', message = 'a sleeping mark needs a process and a ttl of at most 1 day',
      hint = 'Renew the mark before it ends.';
  end if;
  select s.id into v_sub from howdah.subscription s where s.name = mark_sleeping.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', mark_sleeping.subscription);
  end if;
  insert into howdah.sleeper (sub, process, until) values (v_sub, process, howdah.now() + ttl)
  on conflict (sub, process) do update set until = excluded.until;
  delete from howdah.sleeper s
  using (
    select l.sub, l.process from howdah.sleeper l where l.sub = v_sub and l.until < howdah.now() for update skip locked
  ) gone
  where s.sub = gone.sub and s.process = gone.process;
  return v_sub;
end
$$;

-- functions/bell/ring.sql
-- Rings the consumers that sleep on these streams or subscriptions: one NOTIFY on channel howdah that lists the ids of their
-- subscriptions, none if nobody sleeps. Returns how many subscriptions have a sleeper. To be called after the publish
-- has been committed and in a transaction of its own: a NOTIFY takes a lock on the whole instance at commit and cannot
-- be prepared, so it has no place inside of a publisher's transaction.
create or replace function howdah.ring(streams text[]) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_subs int[];
begin
  v_subs := array(
    select b.id
    from (
      select b.id from howdah.stream s join howdah.subscription b on b.stream = s.id where s.name = any (streams)
      union
      select b.id from howdah.subscription b where b.name = any (streams)
    ) b
    where exists (select from howdah.sleeper l where l.sub = b.id and l.until > howdah.now())
    order by b.id
    limit 500);
  if cardinality(v_subs) > 0 then
    perform pg_notify('howdah', array_to_string(v_subs, ','));
  end if;
  return cardinality(v_subs);
end
$$;

-- functions/bell/unmark_sleeping.sql
-- Takes a sleeping mark back.
create or replace function howdah.unmark_sleeping(subscription text, process uuid) returns void
language sql volatile
as $$
  delete from howdah.sleeper s
  where s.process = unmark_sleeping.process
    and s.sub = (select b.id from howdah.subscription b where b.name = unmark_sleeping.subscription)
$$;

-- functions/bell/wake.sql
-- Makes the consumers that sleep on a queue or subscription look now; false if nobody sleeps there. A NOTIFY, which goes out
-- with the caller's commit, so not for a transaction that is to be prepared. Raises HD404.
create or replace function howdah.wake(subscription text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub int;
begin
  select s.id into v_sub from howdah.subscription s where s.name = wake.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', wake.subscription);
  end if;
  if not exists (select from howdah.sleeper l where l.sub = v_sub and l.until > howdah.now()) then
    return false;
  end if;
  perform pg_notify('howdah', v_sub::text);
  return true;
end
$$;

-- functions/binding/bind.sql
-- Adds a pattern to the bindings of a subscription; false if it has it. The first one makes a subscription that took
-- everything take only what matches. Counts for what is committed after this transaction: see change_bindings.
-- Raises HD404, 22023, 0A000.
create or replace function howdah.bind(subscription text, pattern text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  perform howdah.check_pattern(bind.pattern);
  v_sub := howdah.lock_subscription(bind.subscription, 'bind');
  return howdah.change_bindings(v_sub, howdah.current_bindings(v_sub.id) || bind.pattern);
end
$$;

-- functions/binding/bindings.sql
-- The patterns of one subscription, or of all: a row for each. One without bindings, which takes everything, has no row.
-- Raises HD404.
create or replace function howdah.bindings(name text default null)
returns table (subscription text, stream text, pattern text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if bindings.name is not null and not exists (select from howdah.subscription s where s.name = bindings.name) then
    perform howdah.fail_unknown('subscription', bindings.name);
  end if;
  return query
  select s.name, t.name, p.pattern
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
    cross join lateral unnest(howdah.current_bindings(s.id)) p (pattern)
  where bindings.name is null or s.name = bindings.name
  order by s.name, p.pattern;
end
$$;

-- functions/binding/change_bindings.sql
-- Gives a subscription another set of patterns (null: everything) for what gets its position from now on; false if it has
-- these already. Nothing that is committed is lost or gained by it.
--
-- The stream gets its positions first: what has been committed keeps the patterns that were in force, what commits after
-- this has the new ones, for it has no position before this transaction ends: the stream's lock sees to that. Lock
-- order is subscription, stream, as everywhere. The caller holds the subscription's lock. Rows that the cursor has left
-- behind go.
create or replace function howdah.change_bindings(v_sub howdah.subscription, v_patterns text[]) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_set constant text[] := case when v_patterns is not null then array(select distinct p from unnest(v_patterns) p order by p) end;
  v_now howdah.binding;
  v_tick howdah.tick;
  v_at bigint;
begin
  if cardinality(v_set) > 1000 then
    raise exception using errcode = '22023',
      message = format('a subscription has at most 1000 patterns but would have %s', cardinality(v_set)),
      hint = 'Use wildcards, or several subscriptions.';
  end if;
  perform howdah.check_pattern(p) from unnest(v_patterns) p;
  select b.* into v_now from howdah.binding b where b.sub = v_sub.id order by b.since desc limit 1;
  if v_set is not distinct from v_now.patterns then
    return false;
  end if;

  perform from howdah.stream s where s.id = v_sub.stream for no key update;
  v_tick := howdah.sequence_stream(v_sub.stream);
  v_at := (howdah.newest_slice(v_sub.id)).source_at;
  delete from howdah.binding b
  where b.sub = v_sub.id
    and exists (select from howdah.binding n where n.sub = b.sub and n.since > b.since and n.since <= v_at + 1);
  insert into howdah.binding as b (sub, since, patterns, expression)
  values (v_sub.id, v_tick.first + v_tick.n, v_set, howdah.pattern_expression(v_set))
  on conflict (sub, since) do update set patterns = excluded.patterns, expression = excluded.expression;
  update howdah.subscription s set filtered = true where s.id = v_sub.id and not s.filtered;
  return true;
end
$$;

-- functions/binding/check_pattern.sql
-- Refuses what is no pattern (22023), and says what is wrong with it.
create or replace function howdah.check_pattern(pattern text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_shown constant text := coalesce(quote_ident(regexp_replace(left(pattern, 80), '[[:cntrl:]]', '?', 'g')), '(null)');
  v_bad text;
begin
  if pattern ~ '^([A-Za-z0-9_:-]+|[*]|#)(\.([A-Za-z0-9_:-]+|[*]|#))*$' and octet_length(pattern) <= 255 then
    return;
  end if;
  v_bad := case
    when pattern is null then 'it is missing'
    when pattern = '' then 'it is empty; # takes everything'
    when octet_length(pattern) > 255 then 'it is longer than 255 bytes'
    when pattern ~ '^\.|\.\.|\.$' then 'it has an empty word'
    when pattern ~ '[^.][*#]|[*#][^.]' then '* and # stand for whole words'
    else 'a word is made of letters, digits, _ - and :'
  end;
  raise exception using errcode = '22023', message = format('pattern %s is not valid: %s', v_shown, v_bad),
    hint = 'A pattern is words joined by single dots; * is one word, # is any number of words, none included.';
end
$$;

-- functions/binding/current_bindings.sql
-- The patterns that hold for what comes next to a subscription; null if it takes everything.
create or replace function howdah.current_bindings(v_sub int) returns text[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select b.patterns from howdah.binding b where b.sub = v_sub order by b.since desc limit 1);
end
$$;

-- functions/binding/forget_filters.sql
-- Subscriptions whose filters are over become plain again: rows of `purged` that the cursor has left behind go, and so does
-- the mark that there is something to sift, where nothing is bound. Those that are being claimed now are left alone.
create or replace function howdah.forget_filters() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
begin
  for v_sub in
    select s.* from howdah.subscription s
    where s.filtered and (exists (select from howdah.purged u where u.sub = s.id) or howdah.current_bindings(s.id) is null)
  loop
    select s.* into v_sub from howdah.subscription s where s.id = v_sub.id for no key update skip locked;
    continue when not found;
    v_head := howdah.newest_slice(v_sub.id);
    delete from howdah.purged u
    where u.sub = v_sub.id and u.upto <= case u.src when v_sub.stream then v_head.source_at else v_head.return_at end;
    continue when exists (select from howdah.purged u where u.sub = v_sub.id)
      or exists (
        select from howdah.binding b where b.sub = v_sub.id and (b.patterns is not null or b.since > v_head.source_at + 1)
          and not exists (
            select from howdah.binding n where n.sub = b.sub and n.since > b.since and n.since <= v_head.source_at + 1));
    delete from howdah.binding b where b.sub = v_sub.id;
    update howdah.subscription s set filtered = false where s.id = v_sub.id;
  end loop;
end
$$;

-- functions/binding/has_hit.sql
-- has_more() for a filtered subscription and its stream: whether a claim should cut there. It should if something after
-- the cursor matches; and also if nothing does, but the cursor has stood for a second or 10,000 messages lie behind it,
-- so that it moves on and no look becomes dear. Idle subscriptions write nothing. Locks and writes nothing.
create or replace function howdah.has_hit(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_epoch howdah.epoch,
  v_finished int8multirange
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_tick constant howdah.tick := howdah.newest_tick(v_sub.stream);
  v_last constant bigint := v_tick.first + v_tick.n - 1;
  v_now constant timestamptz := howdah.now();
  v_at bigint := v_head.source_at;
  v_hits bigint[];
begin
  if v_tick.epoch < v_epoch.no and (howdah.unsequenced(v_sub.stream, 1)).n > 0 then
    return true;
  elsif v_last > v_at and (v_last - v_at >= 10000 or v_head.at not between v_now - interval '1 s' and v_now) then
    return true;
  end if;
  while v_at < v_last loop
    select s.hits, s.last into v_hits, v_at from howdah.sift(v_sub, v_sub.stream, v_at + 1, v_last) s;
    if cardinality(v_hits) > 0 then
      return true;
    end if;
  end loop;
  v_at := (howdah.unsequenced(v_sub.stream, 2001)).n;
  return v_at > 2000 or v_at > 0 and (howdah.unsequenced_hits(v_sub, v_epoch, v_finished, 1)).n > 0;
end
$$;

-- functions/binding/next_hits.sql
-- The next messages for a filtered subscription, up to v_quantity of those from v_from to v_to, and the position up to which
-- nothing else is for it. Looks on until it has 256, or has looked for a second: what it has passed over by then is
-- done with, and the next claim goes on there.
create or replace function howdah.next_hits(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_to bigint,
  v_quantity int,
  out hits bigint[],
  out last bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '1 s';
  v_more bigint[];
begin
  hits := '{}';
  last := v_from - 1;
  while last < v_to and cardinality(hits) < least(v_quantity, 256) loop
    select s.hits, s.last into v_more, last from howdah.sift(v_sub, v_src, last + 1, v_to) s;
    hits := hits || v_more;
    if last < v_to and cardinality(hits) = 0 and clock_timestamp() >= v_until then
      raise notice using errcode = 'HD503',
        message = format('%s messages of the stream are not for "%s", and there are more', last - v_from + 1, v_sub.name),
        hint = 'Claim again: it goes on where this look has ended.';
      exit;
    end if;
  end loop;
  if cardinality(hits) > v_quantity then
    hits := hits[:v_quantity];
    last := hits[v_quantity];
  end if;
end
$$;

-- functions/binding/pass_over.sql
-- Moves the cursors of filtered subscriptions on over what is not for them in a segment that is to be emptied: a queue
-- without a consumer must not hold back messages that it will never get. Those that are being claimed now are left alone.
-- Looks for about a second at each, and goes on in the next call.
create or replace function howdah.pass_over(v_seg smallint) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
  v_last bigint;
  v_hits bigint[];
  v_passed bigint;
begin
  for v_sub in select s.* from howdah.subscription s where s.filtered loop
    v_last := howdah.last_position_in(v_sub.stream, v_seg);
    continue when (howdah.newest_slice(v_sub.id)).source_at >= v_last;
    select s.* into v_sub from howdah.subscription s where s.id = v_sub.id for no key update skip locked;
    continue when not found;
    v_head := howdah.newest_slice(v_sub.id);
    continue when v_head.source_at >= v_last;
    select h.hits, h.last into v_hits, v_passed
    from howdah.next_hits(v_sub, v_sub.stream, v_head.source_at + 1, v_last, 1) h;
    v_passed := coalesce(v_hits[1] - 1, v_passed);
    if v_passed > v_head.source_at then
      perform howdah.move_cursor(v_head, v_passed, v_head.return_at);
    end if;
  end loop;
end
$$;

-- functions/binding/pattern_expression.sql
-- Patterns as one regular expression over a topic with a dot before it, so that each word begins with its dot and no end
-- needs a rule of its own; null for no patterns, which nothing matches.
create or replace function howdah.pattern_expression(v_patterns text[]) returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select '^(?:' || string_agg(e.expression, '|' order by e.no) || ')$'
    from (
      select p.no, string_agg(
        case w.word when '*' then '\.[^.]+' when '#' then '(?:\.[^.]+)*' else '\.' || w.word end, '' order by w.no) as expression
      from unnest(v_patterns) with ordinality p (pattern, no)
        cross join lateral (
          select s.word, s.no, lag(s.word) over (order by s.no) as before
          from unnest(string_to_array(p.pattern, '.')) with ordinality s (word, no)
        ) w
      where w.word <> '#' or w.before is distinct from '#'
      group by p.no
    ) e);
end
$$;

-- functions/binding/route.sql
-- Who would get a message that is published to a stream, queue or subscription with this topic (null: without one), and
-- why: the patterns that match, or null for a subscription without bindings and for a direct message. Publishes nothing.
-- Raises HD404; 22023 for a topic that cannot be.
create or replace function howdah.route(stream text, topic text default null)
returns table (subscription text, patterns text[], why text)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream int;
begin
  perform howdah.check_messages(1024, array['1'], array[$2], null, null, null);
  select s.id into v_stream from howdah.stream s where s.name = $1 and s.kind <> 'return';
  if not found then
    if not exists (select from howdah.subscription s where s.name = $1) then
      perform howdah.fail_unknown('stream', $1);
    end if;
    return query select $1, null::text[], 'a direct message';
    return;
  end if;
  return query
  select r.name, r.matching,
    case when r.patterns is null then 'it takes everything'
      else 'topic ' || coalesce($2, '(none)') || ' matches ' || array_to_string(r.matching, ', ') end
  from (
    select s.name, b.patterns, case when b.patterns is not null then array(
      select p from unnest(b.patterns) p where howdah.topic_matches(p, $2) order by p) end as matching
    from howdah.subscription s
      cross join lateral (select howdah.current_bindings(s.id)) b (patterns)
    where s.stream = v_stream
  ) r
  where r.patterns is null or cardinality(r.matching) > 0
  order by r.name;
end
$$;

-- functions/binding/set_bindings.sql
-- Replaces all bindings of a subscription: an empty array takes nothing, null takes everything, as without bindings; false
-- if nothing changes. Raises HD404, 22023, 0A000.
create or replace function howdah.set_bindings(subscription text, patterns text[]) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return howdah.change_bindings(howdah.lock_subscription(set_bindings.subscription, 'set_bindings'), set_bindings.patterns);
end
$$;

-- functions/binding/sift.sql
-- Looks at the next messages from v_from on, up to about 2,000 and not beyond v_to, and returns the positions of those that
-- a subscription takes, and the position of the last one that was looked at. Ends where a tick ends, and where other
-- bindings begin, so one set holds for all of it. Each topic that occurs is matched once.
-- What was purged is left out. Private to a subscription's return stream are direct messages and retries: bindings do not ask for them.
create or replace function howdah.sift(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_to bigint,
  out hits bigint[],
  out last bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_set howdah.binding;
  v_span record;
begin
  select s.* into v_span from howdah.sift_span(v_src, v_from, v_to) s;
  last := v_span.last;
  if v_src = v_sub.stream then
    select b.* into v_set from howdah.binding b where b.sub = v_sub.id and b.since <= v_from order by b.since desc limit 1;
    last := least(last, (select min(b.since) - 1 from howdah.binding b where b.sub = v_sub.id and b.since > v_from));
  end if;
  if v_set.patterns is null then
    hits := array(select generate_series(v_from, last));
  else
    hits := array(
      select p.position
      from (
        select m.topic, array_agg(m.position) as positions
        from howdah.messages_between(v_src, v_from, last, v_span.low, v_span.high) m
        group by m.topic
        offset 0
      ) t
        cross join lateral unnest(t.positions) p (position)
      where coalesce('.' || t.topic, '') collate "C" ~ v_set.expression
      order by p.position);
  end if;
  if exists (select from howdah.purged u where u.sub = v_sub.id and u.src = v_src and u.upto >= v_from) then
    hits := howdah.without_purged(v_sub, v_src, v_from, last, hits);
  end if;
end
$$;

-- functions/binding/sift_span.sql
-- Where one look of sift ends: with the tick in which position v_from + 1,999 or v_to lies, not beyond v_to; and the ring
-- children that have to be opened for it. Ticks follow the segments, so where the first one lies beside the newest, all
-- do.
create or replace function howdah.sift_span(
  v_src int,
  v_from bigint,
  v_to bigint,
  out last bigint,
  out low smallint,
  out high smallint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_seg constant smallint := (howdah.newest_tick(v_src)).seg;
  v_segs int;
begin
  if exists (select from howdah.tick t where t.seg = v_seg and t.stream = v_src and t.first <= v_from) then
    low := v_seg;
    high := v_seg;
  else
    low := 0;
    high := 7;
  end if;
  select least(max(t.first + t.n) - 1, v_to), bit_or(t.segs | (1 << t.seg)) into last, v_segs
  from howdah.tick t
  where t.seg between low and high and t.stream = v_src and t.first <= least(v_from + 1999, v_to)
    and t.first >= (
      select f.first from howdah.tick f
      where f.seg between low and high and f.stream = v_src and f.first <= v_from order by f.first desc limit 1);
  if v_segs <> 1 << v_seg then
    low := 0;
    high := 7;
  end if;
end
$$;

-- functions/binding/takes.sql
-- Whether a subscription will take a message of this topic that gets its position now.
create or replace function howdah.takes(v_sub int, v_topic text) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select b.patterns is null or coalesce('.' || v_topic, '') collate "C" ~ b.expression
    from (select b.* from howdah.binding b where b.sub = v_sub order by b.since desc limit 1) b
    where b.patterns is null or b.expression is not null
    union all
    select false from howdah.binding b where b.sub = v_sub
    limit 1), true);
end
$$;

-- functions/binding/topic_matches.sql
-- Whether a topic matches a pattern: * is exactly one word, # any number of words, none included; case counts. A message
-- without a topic (null) has no words. Raises 22023 for what is no pattern.
create or replace function howdah.topic_matches(pattern text, topic text) returns boolean
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform howdah.check_pattern(topic_matches.pattern);
  return coalesce('.' || topic_matches.topic, '') collate "C"
    ~ howdah.pattern_expression(array[topic_matches.pattern]);
end
$$;

-- functions/binding/unbind.sql
-- Removes a pattern from the bindings of a subscription; false if it does not have it. Without the last one it takes
-- nothing any more. What has been committed and matched stays. Raises HD404, 22023, 0A000.
create or replace function howdah.unbind(subscription text, pattern text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  perform howdah.check_pattern(unbind.pattern);
  v_sub := howdah.lock_subscription(unbind.subscription, 'unbind');
  return howdah.change_bindings(v_sub, array_remove(howdah.current_bindings(v_sub.id), unbind.pattern));
end
$$;

-- functions/binding/unsequenced_hits.sql
-- What unsequenced() says, for a filtered subscription: how many messages without a position it will take, counted up to a
-- limit, and when the oldest of them was published. What gets a position from now on has the newest bindings.
create or replace function howdah.unsequenced_hits(
  v_sub howdah.subscription,
  v_epoch howdah.epoch,
  v_finished int8multirange,
  v_limit int,
  out n bigint,
  out oldest timestamptz
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_set howdah.binding;
  v_seen constant int8multirange := (howdah.newest_tick(v_sub.stream)).seen;
begin
  select b.* into v_set from howdah.binding b where b.sub = v_sub.id order by b.since desc limit 1;
  select count(*), min(w.published_at) into n, oldest
  from (
    select l.published_at
    from unnest(v_finished - v_seen) r
      cross join lateral (
        select l.published_at, l.topic from howdah.log l
        where l.stream = v_sub.stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    where v_set.patterns is null or coalesce('.' || l.topic, '') collate "C" ~ v_set.expression
    limit v_limit
  ) w;
end
$$;

-- functions/binding/waiting.sql
-- How many messages wait for a filtered subscription that were never handed out, and since when the oldest one does. Exact while at
-- most 10,000 positions lie behind its cursor; what lies beyond them is counted without a look at its topic, so there the
-- number is an upper bound. Changes nothing.
create or replace function howdah.waiting(
  v_sub howdah.subscription,
  v_head howdah.slice,
  out n bigint,
  out oldest timestamptz
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_epoch constant howdah.epoch := (select e from howdah.epoch e order by e.no desc limit 1);
  v_finished int8multirange;
  v_src int;
  v_at bigint;
  v_last bigint;
  v_most bigint;
  v_hits bigint[];
  v_first bigint;
  v_new record;
begin
  n := 0;
  for v_src, v_at in
    select f.* from (values (v_sub.return_stream, v_head.return_at), (v_sub.stream, v_head.source_at)) f
  loop
    v_last := howdah.last_position(v_src);
    v_most := least(v_last, v_at + 10000);
    v_first := null;
    while v_at < v_most loop
      select s.hits, s.last into v_hits, v_at from howdah.sift(v_sub, v_src, v_at + 1, v_last) s;
      n := n + cardinality(v_hits);
      v_first := coalesce(v_first, v_hits[1]);
    end loop;
    n := n + greatest(v_last - v_at, 0);
    oldest := least(oldest,
      (select m.published_at from howdah.messages_between(v_src, v_first, v_first) m where v_first is not null));
  end loop;
  select howdah.finished(pg_current_snapshot()) into v_finished;
  select u.* into v_new from howdah.unsequenced_hits(v_sub, v_epoch, v_finished, 2147483647) u;
  n := n + v_new.n;
  oldest := least(oldest, v_new.oldest);
  select u.* into v_new from howdah.unsequenced(v_sub.return_stream, 2147483647) u;
  n := n + v_new.n;
  oldest := least(oldest, v_new.oldest);
end
$$;

-- functions/binding/without_purged.sql
-- The positions of v_hits, which lie from v_from to v_last, that were not purged. Called only where something was.
create or replace function howdah.without_purged(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_last bigint,
  v_hits bigint[]
) returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return array(
    select m.position
    from howdah.messages_between(v_src, v_from, v_last) m
    where m.position in (select unnest(v_hits))
      and not exists (
        select from howdah.purged u
        where u.sub = v_sub.id and u.src = v_src and u.upto >= m.position
          and (u.expression is null or coalesce('.' || m.topic, '') collate "C" ~ u.expression)
          and (u.key is null or u.key = m.key)
        offset 0)
    order by m.position);
end
$$;

-- functions/clock/now.sql
-- The time by which everything is due, leased and dated: the database's clock at this moment, never the start of the
-- transaction (a lease taken in an old transaction would be born lapsed).
create or replace function howdah.now() returns timestamptz
language sql volatile
as $$ select clock_timestamp() $$;

-- functions/clock/schema_version.sql
-- The version of the contract that these functions keep; a client asks for it before anything else.
create or replace function howdah.schema_version() returns int
language sql immutable
as $$ select 1 $$;

-- functions/dead_letter/check_page.sql
-- Refuses a number of letters that one call cannot take (22023).
create or replace function howdah.check_page(v_quantity int) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_quantity is null or v_quantity not between 1 and 10000 then
    raise exception using errcode = '22023',
      message = format('quantity must be between 1 and 10000 but was %s', coalesce(v_quantity::text, 'null')),
      hint = 'Call again for more.';
  end if;
end
$$;

-- functions/dead_letter/count_dead_letters.sql
-- How many dead letters a filter means: what redrive and delete_dead_letters would take. Raises HD404, 22023.
create or replace function howdah.count_dead_letters(subscription text default null, filter json default null) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(count_dead_letters.subscription);
begin
  return (select count(*) from howdah.find_letters('dead', v_sub, count_dead_letters.filter, 0, null));
end
$$;

-- functions/dead_letter/dead_letters.sql
-- Dead letters of a subscription, or of all: oldest first, page by page (give the last `no` as `after`). filter: see
-- find_letters. Changes nothing. Raises HD404, 22023.
create or replace function howdah.dead_letters(
  subscription text default null,
  filter json default null,
  after bigint default 0,
  quantity int default 100
) returns table (
  no bigint,
  subscription_name text,
  id uuid,
  attempts int,
  reason text,
  error text,
  first_failed_at timestamptz,
  failed_at timestamptz,
  published_at timestamptz,
  topic text,
  key text,
  headers json,
  payload json
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub constant int := howdah.subscription_id(dead_letters.subscription);
begin
  perform howdah.check_page(dead_letters.quantity);
  return query
  select d.no, s.name, d.id, d.attempts, d.reason, d.error, d.first_failed_at, d.failed_at, d.published_at, d.topic,
    d.key, d.headers, d.payload
  from howdah.find_letters('dead', v_sub, dead_letters.filter, coalesce(dead_letters.after, 0), dead_letters.quantity) f
    join howdah.dead_letter d on d.no = f
    join howdah.subscription s on s.id = d.sub
  order by d.no;
end
$$;

-- functions/dead_letter/delete_dead_letters.sql
-- Deletes up to `quantity` dead letters that a filter means, '{}' for all, oldest first; returns how many. One that is
-- being redriven or deleted by somebody else is left to him. Raises HD404, 22023.
create or replace function howdah.delete_dead_letters(subscription text, filter json, quantity int default 10000) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant int := howdah.subscription_id(delete_dead_letters.subscription);
  v_count bigint;
begin
  perform howdah.check_page(delete_dead_letters.quantity);
  if v_sub is null or delete_dead_letters.filter is null then
    raise exception using errcode = '22023', message = 'a subscription and a filter must be named',
      hint = 'The filter {} means all of the subscription.';
  end if;
  delete from howdah.dead_letter d
  using (
    select p.no
    from howdah.dead_letter p
    where p.sub = v_sub and p.no = any (array(
      select * from howdah.find_letters('dead', v_sub, delete_dead_letters.filter, 0, delete_dead_letters.quantity)))
    for update skip locked
  ) p
  where d.sub = v_sub and d.no = p.no;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

-- functions/dead_letter/edit_dead_letter.sql
-- Replaces the payload of a dead letter, and its headers if any are given, before it is redriven; false if there is none
-- of this id. Raises HD404; 22023, 22004, 22P02 and 22P05 for what could not have been published either.
create or replace function howdah.edit_dead_letter(
  subscription text,
  id uuid,
  payload json,
  headers json default null
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_max_payload int;
begin
  select t.max_payload into v_max_payload
  from howdah.subscription s join howdah.stream t on t.id = s.stream
  where s.name = edit_dead_letter.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', edit_dead_letter.subscription);
  end if;
  perform howdah.check_messages(v_max_payload, array[edit_dead_letter.payload::text], null, null,
    case when edit_dead_letter.headers is not null then array[edit_dead_letter.headers::text] end, null);
  update howdah.dead_letter d
  set payload = edit_dead_letter.payload, headers = coalesce(edit_dead_letter.headers, d.headers)
  where d.sub = howdah.subscription_id(edit_dead_letter.subscription) and d.id = edit_dead_letter.id;
  return found;
end
$$;

-- functions/dead_letter/find_letters.sql
-- The numbers of the dead letters ('dead') or archived messages ('archived') that a filter means, in order, after a number. v_sub null means
-- all subscriptions. The one place that knows the filter: {"ids": […], "reason", "topic", "key", "since", "until",
-- "text"}; all that are given have to hold. since is inclusive, until is not; text is looked for in reason, error, topic,
-- key, headers and payload, whatever the case. Raises 22023 for an unknown member or a value that cannot be.
create or replace function howdah.find_letters(v_kind text, v_sub int, v_filter json, v_after bigint, v_quantity bigint)
returns setof bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_given constant jsonb := coalesce(v_filter, '{}');
  v_bad text;
  v_ids uuid[];
  v_since timestamptz;
  v_until timestamptz;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'a filter must be a JSON object',
      hint = 'For example {"reason": "lapsed", "since": "2030-01-31 12:00+00"}; {} means all.';
  end if;
  select f.key into v_bad
  from jsonb_each(v_given) f
  where f.key not in ('ids', 'reason', 'topic', 'key', 'since', 'until', 'text')
    or jsonb_typeof(f.value) <> case f.key when 'ids' then 'array' else 'string' end
  order by f.key limit 1;
  if found then
    raise exception using errcode = '22023', message = format('a filter cannot have this member: "%s"', left(v_bad, 80)),
      hint = 'Members are ids (an array), and reason, topic, key, since, until and text (texts).';
  end if;
  begin
    v_ids := case when v_given ? 'ids' then array(select i::uuid from jsonb_array_elements_text(v_given -> 'ids') i) end;
    v_since := v_given ->> 'since';
    v_until := v_given ->> 'until';
  exception
    when data_exception then
      raise exception using errcode = '22023', message = 'a filter holds what is no id or no time',
        hint = 'ids are UUIDs of messages; since and until are times with a zone, for example 2030-01-31T12:00:00Z.';
  end;

  return query
  select l.no
  from (
    select 'dead' as kind, d.sub, d.no, d.id, d.reason, d.error, d.topic, d.key, d.headers, d.payload, d.failed_at as at
    from howdah.dead_letter d
    union all
    select 'archived', a.sub, a.no, a.id, null, null, a.topic, a.key, a.headers, a.payload, a.archived_at
    from howdah.archive a
  ) l
  where l.kind = v_kind and (v_sub is null or l.sub = v_sub) and l.no > v_after
    and (v_ids is null or l.id = any (v_ids))
    and (not v_given ? 'reason' or l.reason = v_given ->> 'reason')
    and (not v_given ? 'topic' or l.topic = v_given ->> 'topic')
    and (not v_given ? 'key' or l.key = v_given ->> 'key')
    and (v_since is null or l.at >= v_since)
    and (v_until is null or l.at < v_until)
    and (not v_given ? 'text' or position(lower(v_given ->> 'text') in lower(concat_ws(' ', l.reason, l.error, l.topic,
      l.key, l.headers::text, l.payload::text))) > 0)
  order by l.no
  limit v_quantity;
end
$$;

-- functions/dead_letter/redrive.sql
-- Sends up to `quantity` dead letters that a filter means back to their subscription, oldest first, with no attempt used
-- up; or to another queue, stream or subscription, `target`. Returns how many; call again until it is 0. With a `rate` the first is
-- ready at once, and the others fall due so many a second.
--
-- A letter is deleted and published again in one transaction, so it is never lost and never sent twice: who comes second
-- finds it gone, or locked, and leaves it. The message keeps its id and its time of publishing.
-- Raises HD404 for an unknown subscription or target, 22023.
create or replace function howdah.redrive(
  subscription text,
  filter json default null,
  quantity int default 1000,
  target text default null,
  rate float8 default null
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_xid constant bigint := pg_current_xact_id()::text::bigint;
  v_now constant timestamptz := howdah.now();
  v_seg constant smallint := howdah.current_segment();
  v_blocks bigint[];
  v_sub howdah.subscription;
  v_stream int;
  v_count bigint;
begin
  perform howdah.check_page(redrive.quantity);
  if redrive.rate is not null and redrive.rate not between 0.001 and 1000000 then
    raise exception using errcode = '22023', message = format('rate must be between 0.001 and 1000000 but was %s', redrive.rate),
      hint = 'It is a number of messages for each second; leave it out for all at once.';
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = redrive.subscription for key share;
  if not found then
    perform howdah.fail_unknown('subscription', redrive.subscription);
  end if;
  v_stream := v_sub.return_stream;
  if redrive.target is not null then
    select s.id into v_stream from howdah.stream s where s.name = redrive.target and s.kind <> 'return' for key share;
    if not found then
      select s.id into v_stream
      from howdah.stream s
      where s.name = howdah.direct_stream(redrive.target)
      for key share;
    end if;
  end if;
  v_blocks := array(select nextval('howdah.block') << 13 from generate_series(0, redrive.quantity / 8192));

  with picked as (
    select p.no
    from howdah.dead_letter p
    where p.sub = v_sub.id and p.no = any (array(
      select * from howdah.find_letters('dead', v_sub.id, redrive.filter, 0, redrive.quantity)))
    for update skip locked
  ), letter as (
    delete from howdah.dead_letter d using picked p where d.sub = v_sub.id and d.no = p.no returning d.*
  ), numbered as materialized (
    select l.*, row_number() over (order by l.no) - 1 as o from letter l
  ), scheduled as (
    insert into howdah.due (due, stream, sub, attempt, published_at, id, topic, key, headers, payload, body, content_type)
    select v_now + make_interval(secs => n.o / redrive.rate), v_stream, case when redrive.target is null then v_sub.id end, 0,
      n.published_at, n.id, n.topic, n.key, n.headers, n.payload, n.body, n.content_type
    from numbered n
    where redrive.rate is not null and n.o > 0
    order by n.o
  ), sent as (
    insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body, content_type)
    select v_seg, 0, v_stream, v_xid, v_blocks[1 + n.o / 8192] + n.o % 8192, n.published_at, n.id, n.topic, n.key,
      n.headers, n.payload, n.body, n.content_type
    from numbered n
    where redrive.rate is null or n.o = 0
  )
  select count(*) into v_count from numbered;
  return v_count;
end
$$;

-- functions/dead_letter/subscription_id.sql
-- The id of a subscription; null for null. Raises HD404.
create or replace function howdah.subscription_id(v_name text) returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub int;
begin
  if v_name is not null then
    select s.id into v_sub from howdah.subscription s where s.name = v_name;
    if not found then
      perform howdah.fail_unknown('subscription', v_name);
    end if;
  end if;
  return v_sub;
end
$$;

-- functions/delivery/check_claim.sql
-- Refuses a quantity, lease or owner that a claim cannot have (22023).
create or replace function howdah.check_claim(quantity int, lease interval, owner text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if quantity is null or quantity not between 1 and 10000 then
    raise exception using errcode = '22023',
      message = format('quantity must be between 1 and 10000 but was %s', coalesce(quantity::text, 'null')),
      hint = 'Claim several times for more.';
  end if;
  if lease is null or lease not between '10 ms' and '1 day' then
    raise exception using errcode = '22023',
      message = format('lease must be between 10 ms and 1 day but was %s', coalesce(lease::text, 'null')),
      hint = 'Take a short lease and renew it while the work goes on.';
  end if;
  if octet_length(owner) > 255 then
    raise exception using errcode = '22023', message = 'owner must have at most 255 bytes',
      hint = 'It only tells people who holds a lease: a host and a process id will do.';
  end if;
end
$$;

-- functions/delivery/check_items.sql
-- Refuses outcomes that do not fit their messages: lengths, names, positions that the slice never had (22023).
create or replace function howdah.check_items(
  v_slice howdah.slice,
  v_positions bigint[],
  v_outcomes text[],
  v_delays interval[],
  v_reasons text[],
  v_errors text[]
) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count constant int := cardinality(v_positions);
  v_bad text;
begin
  if v_count <> coalesce(cardinality(v_outcomes), 0) or v_count <> coalesce(cardinality(v_delays), v_count)
      or v_count <> coalesce(cardinality(v_reasons), v_count) or v_count <> coalesce(cardinality(v_errors), v_count) then
    raise exception using errcode = '22023',
      message = 'positions, outcomes, delays, reasons and errors must have one length',
      hint = 'Give null for an array that is not needed, or null for a single element.';
  end if;
  select format('outcome of position %s must be done, retry, release, reject or archive', coalesce(i.position::text, 'null'))
  into v_bad
  from unnest(v_positions, v_outcomes) as i (position, outcome)
  where i.outcome is null or i.outcome not in ('done', 'retry', 'release', 'reject', 'archive')
  limit 1;
  if v_bad is null then
    select format('position %s does not belong to this token', coalesce(i.position::text, 'null')) into v_bad
    from unnest(v_positions) as i (position)
    where i.position is null or i.position not between v_slice.from_pos and v_slice.to_pos
      or (v_slice.positions is not null and i.position <> all (v_slice.positions))
    limit 1;
  end if;
  if v_bad is null then
    select format('position %s is named %s times', i.position, count(*)) into v_bad
    from unnest(v_positions) as i (position) group by i.position having count(*) > 1 limit 1;
  end if;
  if v_bad is null and exists (select from unnest(v_delays) d where d not between '0' and '3660 days') then
    v_bad := 'a delay must be between 0 and 10 years';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'Settle each message of a claim once, by the position that claim returned.';
  end if;
end
$$;

-- functions/delivery/claim.sql
-- Hands up to `quantity` messages of a subscription to the caller under one lease; no row means nothing is ready.
--
-- A claim is a transaction of its own: others see what it took only when it commits. It first looks without a lock or a
-- transaction id, so an idle consumer writes nothing. All rows of one claim carry one token, which settles them.
-- Raises HD404, 0A000 outside of READ COMMITTED, 22023; notice HD503 and no row when another session holds the
-- subscription's or the stream's lock for more than a second.
create or replace function howdah.claim(
  subscription text,
  quantity int default 1,
  lease interval default '30 s',
  owner text default null
) returns setof howdah.delivery
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_sub howdah.subscription;
  v_slice howdah.slice;
  v_where text;
begin
  perform howdah.require_read_committed('claim');
  perform howdah.check_claim(quantity, lease, owner);
  select s.* into v_sub from howdah.subscription s where s.name = claim.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', claim.subscription);
  end if;
  v_where := howdah.look(v_sub);
  if v_where is not null then
    v_slice := howdah.take(v_sub, v_where, quantity, lease, owner);
    if v_slice.no is not null then
      return query select * from howdah.deliveries(v_slice);
    end if;
  end if;
end
$$;

-- functions/delivery/close_slice.sql
-- Closes a slice, and returns whether it was this call that did: the unique key decides. The caller holds the slice's lock.
create or replace function howdah.close_slice(v_slice howdah.slice, v_how text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.closed (seg, sub, no, how, at) values (v_slice.seg, v_slice.sub, v_slice.no, v_how, howdah.now())
  on conflict (sub, no, seg) do nothing;
  if not found then
    return false;
  end if;
  delete from howdah.held h where h.sub = v_slice.sub and h.no = v_slice.no;
  return true;
end
$$;

-- functions/delivery/cut.sql
-- Cuts the next slice from a subscription's source or from its return stream: up to v_quantity positions after the
-- cursor, owned by the claimer at once. Sequences the stream when the cursor stands at its end. The caller holds the
-- cutting lock and has read v_head, the newest slice, under it. A large slice ends where a tick ends if one ends in its
-- second half: reading a part of a tick costs as much as all of it. Returns a row of nulls when there is nothing. A
-- filtered subscription gets a slice that lists its positions; where there are none, the cursor moves without a slice.
--
-- The slice names the ring children of its ticks and messages. Ticks follow the segments as slices do, so one that lies
-- beside the newest tick has all between them there too. OFFSET 0 keeps the planner from reading all that was ever
-- closed in a segment instead of looking up the few that are asked for.
create or replace function howdah.cut(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_return boolean,
  v_quantity int,
  v_lease interval,
  v_owner text
) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_src constant int := case when v_return then v_sub.return_stream else v_sub.stream end;
  v_at constant bigint := case when v_return then v_head.return_at else v_head.source_at end;
  v_now constant timestamptz := howdah.now();
  v_seg constant smallint := howdah.current_segment();
  v_tick howdah.tick := howdah.newest_tick(v_src);
  v_last bigint;
  v_first bigint;
  v_segs int;
  v_end bigint;
  v_floor bigint;
  v_low smallint;
  v_high smallint;
  v_hits bigint[];
  v_slice howdah.slice;
begin
  if v_tick.first + v_tick.n - 1 <= v_at then
    v_tick := howdah.sequence_stream(v_src);
    if v_tick.first is null or v_tick.first + v_tick.n - 1 <= v_at then
      return null;
    end if;
  end if;
  v_last := least(v_tick.first + v_tick.n - 1, v_at + v_quantity);
  if v_sub.filtered then
    select h.hits, h.last into v_hits, v_last
    from howdah.next_hits(v_sub, v_src, v_at + 1, v_tick.first + v_tick.n - 1, v_quantity) h;
    if cardinality(v_hits) = 0 then
      perform howdah.move_cursor(v_head, case when v_return then v_head.source_at else v_last end,
        case when v_return then v_last else v_head.return_at end);
      return null;
    end if;
  end if;
  v_first := v_tick.first;
  v_segs := v_tick.segs | (1 << v_tick.seg);
  if v_first > v_at + 1 then
    select t.first into v_first
    from howdah.tick t
    where t.seg = v_tick.seg and t.stream = v_src and t.first <= v_at + 1 order by t.first desc limit 1;
    select bit_or(t.segs | (1 << t.seg)), max(t.first) - 1 into v_segs, v_end
    from howdah.tick t
    where t.seg = v_tick.seg and t.stream = v_src and t.first between v_first and v_last + 1;
    if v_quantity >= 256 and v_hits is null and v_last < v_tick.first + v_tick.n - 1 and v_end >= v_at + v_quantity / 2 then
      v_last := v_end;
    end if;
  end if;

  select * into v_low, v_high from howdah.floor_span(v_head);
  select s.no into v_floor
  from howdah.slice s
  where s.seg between v_low and v_high and s.sub = v_sub.id and s.no >= v_head.floor and s.n > 0
    and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
    and not exists (
      select from howdah.closed c
      where c.seg between v_low and v_high and c.seg = s.seg and c.sub = s.sub and c.no = s.no
      offset 0)
  order by s.no
  limit 1;
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions)
  values (v_seg, 0, v_sub.id, v_head.no + 1, case when v_return then v_head.source_at else v_last end,
    case when v_return then v_last else v_head.return_at end, coalesce(v_floor, v_head.no + 1), v_src,
    coalesce(v_hits[1], v_at + 1), coalesce(v_hits[cardinality(v_hits)], v_last),
    coalesce(cardinality(v_hits), v_last - v_at), case when v_segs = 1 << v_tick.seg then v_tick.seg else 0 end,
    case when v_segs = 1 << v_tick.seg then v_tick.seg else 7 end, howdah.new_secret(), v_now + v_lease, v_now,
    v_head.reaped_at, v_owner,
    case when v_hits[cardinality(v_hits)] - v_hits[1] >= cardinality(v_hits) then v_hits end)
  returning * into v_slice;
  return v_slice;
end
$$;

-- functions/delivery/deliveries.sql
-- The messages of a slice that are not settled yet, as they are handed out. Inlined into its callers. The token stands in
-- a select of its own, which is made once: for each row anew it would be a fifth of the work of a claim.
create or replace function howdah.deliveries(v_slice howdah.slice) returns setof howdah.delivery
language sql stable
as $$
  select (select concat_ws('.', (v_slice).seg, (v_slice).sub, (v_slice).no, (v_slice).token)), m.position, m.id, m.topic,
    m.key, m.headers, m.payload, m.body, m.content_type, m.published_at, m.attempt + ((v_slice).attempt + 1)
  from howdah.messages_between((v_slice).src, (v_slice).from_pos, (v_slice).to_pos, (v_slice).low_seg, (v_slice).high_seg) m
  where ((v_slice).positions is null or m.position = any ((v_slice).positions))
    and not exists (
      select from howdah.part p
      where p.seg = (v_slice).seg and p.sub = (v_slice).sub and p.no = (v_slice).no and m.position = any (p.positions))
  order by m.tick, m.seq
$$;

-- functions/delivery/floor_span.sql
-- The ring children in which the slices of a subscription from v_head.floor on lie; v_head is its newest slice. Numbers
-- are drawn under the cutting lock, so they follow the segments: where the first one lies beside the newest, all do.
create or replace function howdah.floor_span(v_head howdah.slice, out low smallint, out high smallint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  if exists (
    select from howdah.slice s where s.seg = v_head.seg and s.sub = v_head.sub and s.no = v_head.floor)
  then
    low := v_head.seg;
    high := v_head.seg;
  else
    low := 0;
    high := 7;
  end if;
end
$$;

-- functions/delivery/free_slices.sql
-- The numbers of the open slices of a subscription that anybody may take now: their lease has lapsed, or nobody owns
-- them (token 0). Below v_head.floor every slice is closed or in `held`, so the look at the ring starts there, and it
-- opens only the children v_low to v_high, which floor_span names. Inlined into its callers, which pin the plan and stop
-- as soon as they have one that is not locked.
create or replace function howdah.free_slices(v_head howdah.slice, v_low smallint, v_high smallint, v_now timestamptz)
returns setof bigint
language sql stable
as $$
  (
    select h.no from howdah.held h
    where h.sub = (v_head).sub and (h.token = 0 or h.deadline < v_now)
    order by h.no
  )
  union all
  (
    select s.no
    from howdah.slice s
    where s.seg between v_low and v_high and s.sub = (v_head).sub and s.no >= (v_head).floor and s.n > 0
      and (s.token = 0 or s.deadline < v_now)
      and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
      and not exists (
        select from howdah.closed c
          where c.seg between v_low and v_high and c.seg = s.seg and c.sub = s.sub and c.no = s.no
          offset 0)
    order by s.no
  )
$$;

-- functions/delivery/hand_back.sql
-- Makes a slice free for the next claimer without counting an attempt: token 0 in `held`. Void tokens stay void.
-- The caller holds the slice's lock.
create or replace function howdah.hand_back(v_slice howdah.slice) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
  values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, 0, howdah.now(), v_slice.owner)
  on conflict (sub, no) do update set attempt = excluded.attempt, token = 0, deadline = excluded.deadline;
end
$$;

-- functions/delivery/hold_stragglers.sql
-- Writes slices that are open while a thousand newer ones have been cut into `held`, as a renewal would: the floor below
-- which nobody has to look stands at the oldest open slice that is not there, and one slow consumer must not make others
-- walk over all that was closed since. The row of a slice is locked first and looked at in the next statement, like
-- everywhere; one that is being settled is left alone. The caller holds the cutting lock; v_head is the newest slice.
create or replace function howdah.hold_stragglers(v_head howdah.slice) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_no bigint;
  v_slice howdah.slice;
begin
  for v_no in
    select s.no
    from howdah.slice s
    where s.sub = v_head.sub and s.no >= v_head.floor and s.no < v_head.no - 1000 and s.n > 0
      and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
      and not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no offset 0)
    order by s.no
    limit 100
  loop
    perform from howdah.slice s where s.sub = v_head.sub and s.no = v_no for update skip locked;
    continue when not found;
    v_slice := howdah.open_slice(v_head.sub, v_no);
    continue when v_slice.no is null;
    insert into howdah.held (sub, no, seg, attempt, token, deadline, owner)
    values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, v_slice.token, v_slice.deadline, v_slice.owner)
    on conflict (sub, no) do nothing;
  end loop;
end
$$;

-- functions/delivery/is_last.sql
-- Whether a message that has failed so often has no attempt left. Never, where max_attempts is null.
create or replace function howdah.is_last(v_sub howdah.subscription, v_failures int) returns boolean
language sql immutable
as $$ select coalesce(v_failures >= v_sub.max_attempts, false) $$;

-- functions/delivery/look.sql
-- Where a claim would find something: 'return' or 'source' (positions after the cursor, or messages without one), 'free'
-- (a slice whose lease has lapsed or that nobody owns), or null for nothing, or while it is paused. The two streams have the first say in turns.
-- Locks nothing and takes no transaction id, except that it moves what is due into the log. Others may have taken what
-- it saw a moment later.
create or replace function howdah.look(v_sub howdah.subscription) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_now constant timestamptz := howdah.now();
  v_head howdah.slice;
  v_epoch howdah.epoch;
  v_finished int8multirange;
  v_low smallint;
  v_high smallint;
begin
  if v_sub.paused then
    return null;
  elsif howdah.is_due() then
    perform howdah.promote();
  end if;
  v_head := howdah.newest_slice(v_sub.id);
  select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
  select howdah.finished(pg_current_snapshot()) into v_finished;
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    return 'source';
  elsif v_head.no % 2 = 0 and howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished) then
    return 'return';
  elsif (case when v_sub.filtered then howdah.has_hit(v_sub, v_head, v_epoch, v_finished)
      else howdah.has_more(v_sub.stream, v_head.source_at, v_epoch, v_finished) end) then
    return 'source';
  elsif v_head.no % 2 <> 0 and howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished) then
    return 'return';
  end if;
  select * into v_low, v_high from howdah.floor_span(v_head);
  return (select 'free' where exists (select from howdah.free_slices(v_head, v_low, v_high, v_now)));
end
$$;

-- functions/delivery/move_cursor.sql
-- Moves the cursors of a subscription without handing anything out: a slice of no messages. The caller holds the cutting
-- lock; v_head is the newest slice.
create or replace function howdah.move_cursor(v_head howdah.slice, v_source_at bigint, v_return_at bigint) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token, deadline,
    at, reaped_at)
  values (howdah.current_segment(), 0, v_head.sub, v_head.no + 1, v_source_at, v_return_at, v_head.floor, v_head.src,
    v_head.to_pos + 1, v_head.to_pos, 0, 0, 'infinity', howdah.now(), v_head.reaped_at);
end
$$;

-- functions/delivery/new_secret.sql
-- The secret part of a token. Never 0, which means that nobody owns the slice. It fences mistakes, not attackers.
create or replace function howdah.new_secret() returns bigint
language sql volatile
as $$ select 1 + floor(random() * 9007199254740000)::bigint $$;

-- functions/delivery/newest_slice.sql
-- The newest slice of a subscription, which says where its cursors stand. Every subscription has one: none is an error
-- (P0002), never a start. Looks at the current segment first, as newest_tick does.
create or replace function howdah.newest_slice(v_sub int) returns howdah.slice
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_seg constant smallint := howdah.current_segment();
  v_slice howdah.slice;
begin
  select s.* into v_slice from howdah.slice s where s.seg = v_seg and s.sub = v_sub order by s.no desc limit 1;
  if not found then
    select s.* into strict v_slice from howdah.slice s where s.sub = v_sub order by s.no desc limit 1;
  end if;
  return v_slice;
end
$$;

-- functions/delivery/next_lapse.sql
-- When the next lease of a subscription lapses; null if nothing is in flight. Raises HD404.
create or replace function howdah.next_lapse(subscription text) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_sub int;
begin
  select s.id into v_sub from howdah.subscription s where s.name = next_lapse.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', next_lapse.subscription);
  end if;
  return (
    select min(o.deadline)
    from (select s.* from howdah.slice s where s.sub = v_sub order by s.no desc limit 1) head
      cross join lateral howdah.open_slices(head) o);
end
$$;

-- functions/delivery/open_positions.sql
-- The positions of a slice that are not settled yet, in order.
create or replace function howdah.open_positions(v_slice howdah.slice) returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settled constant bigint[] := array(
    select unnest(p.positions) from howdah.part p
    where p.seg = v_slice.seg and p.sub = v_slice.sub and p.no = v_slice.no);
begin
  return array(
    select p
    from unnest(coalesce(v_slice.positions, array(select generate_series(v_slice.from_pos, v_slice.to_pos)))) p
    where p not in (select unnest(v_settled))
    order by p);
end
$$;

-- functions/delivery/open_slice.sql
-- A slice as it stands now, with what `held` says of it; a row of nulls if it is closed. The caller has locked its row
-- in an earlier statement.
create or replace function howdah.open_slice(v_sub int, v_no bigint) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_slice howdah.slice;
  v_held howdah.held;
begin
  select s.* into v_slice
  from howdah.slice s
  where s.sub = v_sub and s.no = v_no
    and not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no offset 0);
  select h.* into v_held from howdah.held h where h.sub = v_sub and h.no = v_no;
  if found and v_slice.no is not null then
    v_slice.attempt := v_held.attempt;
    v_slice.token := v_held.token;
    v_slice.deadline := v_held.deadline;
    v_slice.owner := v_held.owner;
  end if;
  return v_slice;
end
$$;

-- functions/delivery/open_slices.sql
-- The slices of a subscription that are not closed: who has them, until when, how many messages are left. v_head is its
-- newest slice. What is free, or has gone past its lease without anybody noticing yet, has token 0 or an old deadline.
create or replace function howdah.open_slices(v_head howdah.slice)
returns table (seg smallint, no bigint, token bigint, deadline timestamptz, src int, from_pos bigint, to_pos bigint, n bigint)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select s.seg, s.no, coalesce(h.token, s.token), coalesce(h.deadline, s.deadline), s.src, s.from_pos, s.to_pos,
    s.n - coalesce((
      select sum(cardinality(p.positions)) from howdah.part p where p.seg = s.seg and p.sub = s.sub and p.no = s.no), 0)
  from (
    select a.* from howdah.slice a
    where a.sub = v_head.sub and a.no >= v_head.floor and a.n > 0
    union all
    select b.* from howdah.held h join howdah.slice b on b.sub = h.sub and b.no = h.no
    where h.sub = v_head.sub and h.no < v_head.floor
  ) s
    left join howdah.held h on h.sub = s.sub and h.no = s.no
  where not exists (select from howdah.closed c where c.seg = s.seg and c.sub = s.sub and c.no = s.no offset 0)
  order by s.no;
end
$$;

-- functions/delivery/peek.sql
-- The next messages that are ready, without taking them: handed back first, then retries, then the stream. It may give
-- positions to what has just been committed; nothing else changes. The token of each row is null.
-- Raises HD404, 22023, 0A000 outside of READ COMMITTED.
create or replace function howdah.peek(subscription text, quantity int default 10) returns setof howdah.delivery
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
begin
  perform howdah.require_read_committed('peek');
  perform howdah.check_claim(quantity, '30 s', null);
  select s.* into v_sub from howdah.subscription s where s.name = peek.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', peek.subscription);
  end if;
  perform howdah.sequence_stream(s.stream)
  from unnest(array[v_sub.stream, v_sub.return_stream]) s (stream)
  where (howdah.unsequenced(s.stream, 1)).n > 0;
  select s.* into strict v_head from howdah.slice s where s.sub = v_sub.id order by s.no desc limit 1;

  return query
  select null, m.position, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type, m.published_at,
    m.attempt + f.attempt + 1
  from (
    select 0 as rank, o.no, v.src, v.attempt, p.position
    from howdah.open_slices(v_head) o
      cross join lateral howdah.open_slice(v_sub.id, o.no) v
      cross join lateral unnest(howdah.open_positions(v)) p (position)
    where o.token = 0
    union all
    select 1, 0, v_sub.return_stream, 0, p
    from generate_series(v_head.return_at + 1,
      least(howdah.last_position(v_sub.return_stream), v_head.return_at + peek.quantity)) p
    where not v_sub.filtered
    union all
    select 1, 0, v_sub.return_stream, 0, p
    from howdah.next_hits(v_sub, v_sub.return_stream, v_head.return_at + 1, howdah.last_position(v_sub.return_stream),
        peek.quantity) h
      cross join lateral unnest(h.hits) p
    where v_sub.filtered
    union all
    select 2, 0, v_sub.stream, 0, p
    from generate_series(v_head.source_at + 1,
      least(howdah.last_position(v_sub.stream), v_head.source_at + peek.quantity)) p
    where not v_sub.filtered
    union all
    select 2, 0, v_sub.stream, 0, p
    from howdah.next_hits(v_sub, v_sub.stream, v_head.source_at + 1, howdah.last_position(v_sub.stream), peek.quantity) h
      cross join lateral unnest(h.hits) p
    where v_sub.filtered
    order by 1, 2, 5
    limit peek.quantity
  ) f
    cross join lateral howdah.messages_between(f.src, f.position, f.position) m
  order by f.rank, f.no, f.position;
end
$$;

-- functions/delivery/release.sql
-- Hands the messages of a claim that are not settled back for anybody to take, without counting an attempt; false when
-- the token is void.
create or replace function howdah.release(token text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
begin
  return howdah.settle(release.token, rest => 'release') = 'settled';
end
$$;

-- functions/delivery/renew.sql
-- Extends a lease from now on; false when the token is void. Writes one row, which later renewals update.
create or replace function howdah.renew(token text, lease interval default '30 s') returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_slice howdah.slice;
begin
  perform howdah.check_claim(1, renew.lease, null);
  v_slice := howdah.slice_of(renew.token);
  if v_slice.no is null then
    return false;
  end if;
  insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
  values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, v_slice.token, howdah.now() + renew.lease, v_slice.owner)
  on conflict (sub, no) do update set deadline = excluded.deadline;
  return true;
end
$$;

-- functions/delivery/retry_delay.sql
-- How long a message waits that has failed so often (from 1): as the subscription's options say, with their jitter. The
-- only place that knows the formula.
create or replace function howdah.retry_delay(v_sub howdah.subscription, v_failures int) returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select make_interval(secs => (1 + v_sub.jitter * (2 * random() - 1)) * case v_sub.backoff
    when 'exponential' then least(extract(epoch from v_sub.delay_cap)::float8,
      extract(epoch from v_sub.delays[1])::float8 * 2 ^ least(v_failures - 1, 60))
    else extract(epoch from v_sub.delays[least(v_failures, cardinality(v_sub.delays))])::float8
  end)
$$;

-- functions/delivery/settle.sql
-- Ends deliveries: all messages of a claim, or those at `positions`, each with its outcome.
--
-- outcomes: done; retry (comes back after its delay, or after the wait that the subscription's options say; given up once
-- its attempts are used up); release (handed back, not counted); reject (a dead letter); archive (done, and kept in the
-- archive). `rest` says what happens to messages that are not named: done, release, or open (they stay with the caller).
-- Returns 'settled' when the token has no messages left, 'open' when it has, 'lapsed' when the token is void because the
-- slice was taken back: then nothing has changed. A late settle counts as long as nobody has taken the slice.
-- Works in the caller's transaction, in any isolation (40001 if a snapshot is too old to tell). The slice's row is locked
-- first and looked at in the next statement; the row in `closed`, unique, decides. Touches only the ring children of its
-- own segment (hence the custom plans), so a long transaction holds up the emptying of no other; outcomes other than done
-- also read the log.
-- Raises 22023 for a malformed token or arguments that do not fit.
create or replace function howdah.settle(
  token text,
  positions bigint[] default null,
  outcomes text[] default null,
  delays interval[] default null,
  reasons text[] default null,
  errors text[] default null,
  rest text default 'done'
) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_slice howdah.slice;
begin
  if settle.rest is null or settle.rest not in ('done', 'release', 'open') then
    raise exception using errcode = '22023',
      message = format('rest must be done, release or open but was %s', coalesce(left(settle.rest, 40), 'null')),
      hint = 'It says what happens to messages of the claim that are not named.';
  end if;
  if coalesce(cardinality(settle.positions), 0) = 0 and coalesce(cardinality(settle.outcomes), 0)
      + coalesce(cardinality(settle.delays), 0) + coalesce(cardinality(settle.reasons), 0)
      + coalesce(cardinality(settle.errors), 0) > 0 then
    raise exception using errcode = '22023', message = 'outcomes need the positions that they are for',
      hint = 'Give the position of each message that is not to be treated as rest says.';
  end if;
  v_slice := howdah.slice_of(settle.token);
  if v_slice.no is null then
    return 'lapsed';
  end if;
  if coalesce(cardinality(settle.positions), 0) > 0 then
    return howdah.settle_items(v_slice, settle.positions, settle.outcomes, settle.delays, settle.reasons,
      settle.errors, settle.rest);
  end if;

  if settle.rest = 'done' then
    return case when howdah.close_slice(v_slice, 'done') then 'settled' else 'lapsed' end;
  elsif settle.rest = 'release' then
    perform howdah.hand_back(v_slice);
    return 'settled';
  end if;
  return 'open';
end
$$;

-- functions/delivery/settle_and_claim.sql
-- Settles all of a claim as done and claims the next: one call and one commit for a consumer's whole loop. A token that
-- is void gives a notice HD410, and the claim goes on.
create or replace function howdah.settle_and_claim(
  token text,
  subscription text,
  quantity int default 1,
  lease interval default '30 s',
  owner text default null
) returns setof howdah.delivery
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_sub howdah.subscription;
  v_slice howdah.slice;
  v_where text;
begin
  perform howdah.require_read_committed('claim');
  perform howdah.check_claim(quantity, lease, owner);
  select s.* into v_sub from howdah.subscription s where s.name = settle_and_claim.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', settle_and_claim.subscription);
  end if;
  v_slice := howdah.slice_of(token);
  if v_slice.no is null or not howdah.close_slice(v_slice, 'done') then
    raise notice using errcode = 'HD410', message = 'the lease had lapsed: these messages were handed to somebody else',
      hint = 'Take a longer lease, or renew it while the work goes on.';
  end if;
  v_where := howdah.look(v_sub);
  if v_where is not null then
    v_slice := howdah.take(v_sub, v_where, quantity, lease, owner);
    if v_slice.no is not null then
      return query select * from howdah.deliveries(v_slice);
    end if;
  end if;
end
$$;

-- functions/delivery/settle_failures.sql
-- Moves messages that were retried, rejected, archived, or released one by one, to where they go: into the archive; dead
-- letters when rejected or
-- out of attempts (unless the subscription discards those: then they are counted), the log of the return stream when due
-- at once, else the schedule. Positions that are settled already are left out. The caller holds the slice's lock. With
-- settle_lapsed the only place that decides what becomes of a message that fails, whatever the contract.
create or replace function howdah.settle_failures(
  v_slice howdah.slice,
  v_open bigint[],
  v_positions bigint[],
  v_outcomes text[],
  v_delays interval[],
  v_reasons text[],
  v_errors text[],
  v_rest text
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = on
set enable_mergejoin = off
set jit = off
as $$
declare
  v_xid constant bigint := pg_current_xact_id()::text::bigint;
  v_blocks constant bigint[] := array(
    select nextval('howdah.block') << 13 from generate_series(0, cardinality(v_positions) / 8192));
  v_seg constant smallint := howdah.current_segment();
  v_now constant timestamptz := howdah.now();
  v_sub howdah.subscription;
begin
  select s.* into v_sub from howdah.subscription s where s.id = v_slice.sub;
  if not found then
    return;
  end if;
  with item as (
    select i.position, i.outcome, i.delay, i.reason, left(i.error, 8000) as error
    from unnest(v_positions, v_outcomes, v_delays, v_reasons, v_errors) as i (position, outcome, delay, reason, error)
    where i.outcome <> 'done' and (i.outcome <> 'release' or v_rest = 'open')
      and i.position in (select unnest(v_open))
  ), failed as materialized (
    select m.*, i.outcome, i.reason, i.error,
      least(m.attempt::int + v_slice.attempt + (i.outcome <> 'release')::int, 30000) as attempts,
      case when i.outcome = 'release' then m.failed_at else coalesce(m.failed_at, v_now) end as first_failed_at,
      case
        when i.outcome = 'archive' then 'archive'
        when i.outcome = 'reject' then 'dead_letter'
        when i.outcome = 'retry' and howdah.is_last(v_sub, m.attempt::int + v_slice.attempt + 1) then v_sub.after_last
      end as given_up,
      v_now + case
        when i.outcome = 'release' then interval '0'
        else coalesce(i.delay, howdah.retry_delay(v_sub, m.attempt::int + v_slice.attempt + 1))
      end as due
    from howdah.messages_between(v_slice.src, v_slice.from_pos, v_slice.to_pos, v_slice.low_seg, v_slice.high_seg) m
      join item i on i.position = m.position
  ), buried as (
    insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
      topic, key, headers, payload, body, content_type)
    select v_sub.id, f.position, f.attempts,
      coalesce(f.reason, case f.outcome when 'reject' then 'rejected' else 'attempts used up' end), f.error,
      f.first_failed_at, v_now, f.published_at, f.id, f.topic, f.key, f.headers, f.payload, f.body, f.content_type
    from failed f
    where f.given_up = 'dead_letter'
    order by f.position
  ), archived as (
    insert into howdah.archive (sub, position, attempts, archived_at, published_at, id, topic, key, headers, payload, body,
      content_type)
    select v_sub.id, f.position, f.attempts, v_now, f.published_at, f.id, f.topic, f.key, f.headers, f.payload, f.body,
      f.content_type
    from failed f
    where f.given_up = 'archive'
    order by f.position
  ), counted as (
    insert into howdah.tally (sub, what, n)
    select v_sub.id, 'discarded', count(*) from failed f where f.given_up = 'discard' having count(*) > 0
  ), scheduled as (
    insert into howdah.due (due, stream, sub, attempt, published_at, id, topic, key, headers, payload, body, content_type,
      reason, failed_at)
    select f.due, v_sub.return_stream, v_sub.id, f.attempts, f.published_at, f.id, f.topic, f.key, f.headers, f.payload,
      f.body, f.content_type, f.reason, f.first_failed_at
    from failed f
    where f.given_up is null and f.due > v_now
  )
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body, content_type,
    failed_at)
  select v_seg, f.attempts, v_sub.return_stream, v_xid, v_blocks[1 + f.no / 8192] + f.no % 8192, f.published_at, f.id,
    f.topic, f.key, f.headers, f.payload, f.body, f.content_type, f.first_failed_at
  from (
    select a.*, row_number() over (order by a.position) - 1 as no from failed a where a.given_up is null and a.due <= v_now
  ) f;
end
$$;

-- functions/delivery/settle_items.sql
-- What settle() does when outcomes are given message by message. The caller holds the slice's lock.
--
-- Failures leave the slice at once, as a scheduled message of the return stream or as a dead letter, so they never pin
-- the log. What is released, or left by rest = release, goes back with the slice, less the part that is settled; only
-- with rest = open, where the slice stays with its owner, released messages come back through the return stream.
create or replace function howdah.settle_items(
  v_slice howdah.slice,
  v_positions bigint[],
  v_outcomes text[],
  v_delays interval[],
  v_reasons text[],
  v_errors text[],
  v_rest text
) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = on
set enable_mergejoin = off
set jit = off
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
  v_left bigint[];
begin
  perform howdah.check_items(v_slice, v_positions, v_outcomes, v_delays, v_reasons, v_errors);
  v_left := array(
    select o.position
    from unnest(v_open) as o (position)
      left join unnest(v_positions, v_outcomes) as i (position, outcome) on i.position = o.position
    where case when i.position is null then v_rest <> 'done' else i.outcome = 'release' and v_rest <> 'open' end
    order by o.position);

  if v_outcomes && '{retry,reject,archive}' or (v_rest = 'open' and v_outcomes && '{release}') then
    perform howdah.settle_failures(v_slice, v_open, v_positions, v_outcomes, v_delays, v_reasons, v_errors, v_rest);
  end if;
  if cardinality(v_left) = 0 then
    perform howdah.close_slice(v_slice, 'done');
    return 'settled';
  end if;
  insert into howdah.part (seg, sub, no, positions)
  select v_slice.seg, v_slice.sub, v_slice.no, array_agg(o.position)
  from unnest(v_open) as o (position)
  where o.position not in (select unnest(v_left))
  having count(*) > 0;
  if v_rest = 'open' then
    return 'open';
  end if;
  perform howdah.hand_back(v_slice);
  return 'settled';
end
$$;

-- functions/delivery/settle_lapsed.sql
-- Settles a lapsed slice of which one message is left: gives it up if its attempts are used up; from the third attempt on
-- schedules it, as a failure would, and closes the slice; false if it may be tried again at once. The caller holds the
-- slice's lock and has counted the lapse in v_slice.attempt.
--
-- The wait parts a message that kills its consumer from those that were in the same hands each time it did: without it
-- they would come back together, die together and be given up together. It also keeps a fleet from dying as fast as it
-- can.
create or replace function howdah.settle_lapsed(v_sub howdah.subscription, v_slice howdah.slice) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_position constant bigint := (howdah.open_positions(v_slice))[1];
  v_message record;
  v_attempts int;
begin
  select m.* into strict v_message
  from howdah.messages_between(v_slice.src, v_position, v_position, v_slice.low_seg, v_slice.high_seg) m;
  v_attempts := least(v_message.attempt::int + v_slice.attempt, 30000);
  v_message.failed_at := coalesce(v_message.failed_at, least(v_slice.deadline, howdah.now()));
  if not howdah.is_last(v_sub, v_attempts) then
    if v_attempts < 3 then
      return false;
    end if;
    insert into howdah.due (due, stream, sub, attempt, published_at, id, topic, key, headers, payload, body, content_type,
      reason, failed_at)
    values (howdah.now() + howdah.retry_delay(v_sub, v_attempts), v_sub.return_stream, v_sub.id, v_attempts,
      v_message.published_at, v_message.id, v_message.topic, v_message.key, v_message.headers, v_message.payload,
      v_message.body, v_message.content_type, 'lapsed', v_message.failed_at);
    return howdah.close_slice(v_slice, 'later');
  end if;
  if v_sub.after_last = 'discard' then
    insert into howdah.tally (sub, what, n) values (v_sub.id, 'discarded', 1);
  else
    insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
      topic, key, headers, payload, body, content_type)
    values (v_sub.id, v_message.position, v_attempts, 'lapsed',
      format('the lease lapsed without an answer; the last owner was %s', coalesce(v_slice.owner, 'unknown')),
      v_message.failed_at, howdah.now(), v_message.published_at,
      v_message.id, v_message.topic, v_message.key, v_message.headers, v_message.payload, v_message.body,
      v_message.content_type);
  end if;
  return howdah.close_slice(v_slice, 'dead');
end
$$;

-- functions/delivery/slice_of.sql
-- The open slice that a token names, locked; a row of nulls when the token is void. Raises 22023 for what is no token.
-- Lock first, then look in a new statement: two who settle one slice come one after the other, and the second sees what
-- the first did. In REPEATABLE READ and SERIALIZABLE the second would still look with its old snapshot: there a row in
-- `held` is inserted and taken away again, which fails with 40001 if another session has put one there since; so does
-- the lock on one that is there and was changed. A token of a subscription that was dropped is void, too.
-- The caller says how to plan: settle and renew may run in a long transaction and must touch one segment only.
create or replace function howdah.slice_of(v_token text) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_seg smallint;
  v_sub int;
  v_no bigint;
  v_slice howdah.slice;
  v_held howdah.held;
begin
  if v_token is null or v_token !~ '^[0-7]\.\d{1,9}\.\d{1,18}\.\d{1,18}$' then
    raise exception using errcode = '22023', message = format('"%s" is not a token',
        coalesce(regexp_replace(left(v_token, 80), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = 'Give the token of a delivery as claim returned it.';
  end if;
  v_seg := split_part(v_token, '.', 1);
  v_sub := split_part(v_token, '.', 2);
  v_no := split_part(v_token, '.', 3);

  select s.* into v_slice from howdah.slice s where s.seg = v_seg and s.sub = v_sub and s.no = v_no for update;
  if not found or exists (select from howdah.closed c where c.seg = v_seg and c.sub = v_sub and c.no = v_no)
      or not exists (select from howdah.subscription b where b.id = v_sub) then
    return null;
  end if;
  select h.* into v_held from howdah.held h where h.sub = v_sub and h.no = v_no for update;
  if found then
    v_slice.attempt := v_held.attempt;
    v_slice.token := v_held.token;
    v_slice.deadline := v_held.deadline;
    v_slice.owner := v_held.owner;
  elsif current_setting('transaction_isolation') <> 'read committed' then
    insert into howdah.held (sub, no, seg, attempt, token, deadline)
    values (v_sub, v_no, v_seg, v_slice.attempt, v_slice.token, v_slice.deadline)
    on conflict (sub, no) do nothing;
    delete from howdah.held h where h.sub = v_sub and h.no = v_no;
  end if;
  if v_slice.token = 0 or v_slice.token <> split_part(v_token, '.', 4)::bigint then
    return null;
  end if;
  return v_slice;
end
$$;

-- functions/delivery/split.sql
-- Closes a slice and puts slices of v_size messages in its place; the first is owned as v_slice says, the others are
-- free. All carry the cursors of v_head, the newest slice, because the newest one is where the cursors are read. The
-- caller holds the cutting lock and the slice's lock. Returns the first.
create or replace function howdah.split(v_slice howdah.slice, v_head howdah.slice, v_size int) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seg constant smallint := howdah.current_segment();
  v_first howdah.slice;
begin
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions)
  select v_seg, v_slice.attempt, v_slice.sub, v_head.no + 1 + piece.no, v_head.source_at, v_head.return_at, v_head.floor,
    v_slice.src, min(piece.position), max(piece.position), count(*), v_slice.low_seg, v_slice.high_seg,
    case when piece.no = 0 then v_slice.token else 0 end, v_slice.deadline, howdah.now(), v_head.reaped_at, case when piece.no = 0 then v_slice.owner end,
    case when max(piece.position) - min(piece.position) >= count(*) then array_agg(piece.position order by piece.position) end
  from (
    select p.position, (p.o - 1) / v_size as no
    from unnest(howdah.open_positions(v_slice)) with ordinality as p (position, o)
  ) piece
  group by piece.no;
  perform howdah.close_slice(v_slice, 'split');
  select s.* into strict v_first from howdah.slice s where s.sub = v_slice.sub and s.no = v_head.no + 1;
  return v_first;
end
$$;

-- functions/delivery/take.sql
-- Takes one slice for a claimer: the core of claim. v_where is what look() said.
--
-- The lock on the subscription's row is the cutting lock: under it, and in a statement after it, the newest slice tells
-- where the cursors stand, and new slice numbers are drawn. Lock order is subscription, stream, slice; slices are never
-- waited for. The subscription is read again under its lock: it may have become filtered or paused meanwhile. Once a second slices that lapsed or were handed back come first, even while there is new work; a clock
-- that was set back must not keep them waiting. When somebody else was faster, it looks once more, now under the lock.
-- Returns a row of nulls when there is nothing.
create or replace function howdah.take(
  v_sub howdah.subscription,
  v_where text,
  v_quantity int,
  v_lease interval,
  v_owner text
) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_id constant int := v_sub.id;
  v_head howdah.slice;
  v_slice howdah.slice;
  v_now timestamptz;
begin
  select s.* into v_sub from howdah.subscription s where s.id = v_id for no key update skip locked;
  if not found then
    if not howdah.wait_for_subscription(v_id) then
      return null;
    end if;
    select s.* into v_sub from howdah.subscription s where s.id = v_id;
  end if;
  if v_sub.paused then
    return null;
  end if;
  for turn in 1..2 loop
    v_head := howdah.newest_slice(v_sub.id);
    v_now := howdah.now();
    if v_where = 'free' or v_head.reaped_at not between v_now - interval '1 s' and v_now then
      if v_head.no - v_head.floor > 1000 then
        perform howdah.hold_stragglers(v_head);
      end if;
      v_slice := howdah.take_back(v_sub, v_head, v_quantity, v_lease, v_owner);
      v_head.reaped_at := v_now;
    end if;
    if v_slice.no is null and v_where <> 'free' then
      v_slice := howdah.cut(v_sub, v_head, v_where = 'return', v_quantity, v_lease, v_owner);
    end if;
    exit when v_slice.no is not null;
    v_where := howdah.look(v_sub);
    exit when v_where is null;
  end loop;
  return v_slice;
end
$$;

-- functions/delivery/take_back.sql
-- Hands a slice that lapsed or was handed back to a new claimer.
--
-- The slice's row is locked first and looked at in the next statement: whoever closed it in between is seen, and a
-- settle in progress, even a prepared one, keeps its lock, so the slice is skipped and nobody waits. A take-over is a
-- row in `held` with a new token; the old token is void from then on. A slice that lapses is suspected to hold a message
-- that kills its consumer: it comes back whole once, then in halves, then one by one, so such a message ends alone, waits
-- a while between its attempts, and is a dead letter when they are used up. A slice larger than the claimer wants is cut into pieces too; one of
-- which nothing is left (two old snapshots settled a part each, and neither saw the other) is closed.
-- The caller holds the cutting lock; v_head is the newest slice. Returns a row of nulls when nothing could be taken.
create or replace function howdah.take_back(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_quantity int,
  v_lease interval,
  v_owner text
) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_no bigint;
  v_slice howdah.slice;
  v_count int;
  v_size int;
  v_lapsed boolean;
  v_low smallint;
  v_high smallint;
  v_now constant timestamptz := howdah.now();
begin
  select * into v_low, v_high from howdah.floor_span(v_head);
  for v_no in select * from howdah.free_slices(v_head, v_low, v_high, v_now) loop
    perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update skip locked;
    continue when not found;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null or (v_slice.token <> 0 and v_slice.deadline >= v_now);

    v_lapsed := v_slice.token <> 0;
    v_slice.attempt := least(v_slice.attempt + v_lapsed::int, 30000);
    v_count := cardinality(howdah.open_positions(v_slice));
    if v_count = 0 then
      perform howdah.close_slice(v_slice, 'done');
      continue;
    end if;
    if v_lapsed and v_count = 1 and howdah.settle_lapsed(v_sub, v_slice) then
      continue;
    end if;
    v_size := case
      when not v_lapsed or v_slice.attempt = 1 then v_count
      when v_slice.attempt = 2 then (v_count + 1) / 2
      else 1
    end;
    v_slice.token := howdah.new_secret();
    v_slice.deadline := v_now + v_lease;
    v_slice.owner := v_owner;
    if least(v_size, v_quantity) < v_count then
      return howdah.split(v_slice, v_head, least(v_size, v_quantity));
    end if;
    insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
    values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, v_slice.token, v_slice.deadline, v_slice.owner)
    on conflict (sub, no) do update
    set attempt = excluded.attempt, token = excluded.token, deadline = excluded.deadline, owner = excluded.owner;
    return v_slice;
  end loop;
  return null;
end
$$;

-- functions/delivery/wait_for_subscription.sql
-- Waits for the cutting lock of a subscription for at most a second; false, with a notice HD503, if that was not enough.
create or replace function howdah.wait_for_subscription(v_sub int) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform from howdah.subscription s where s.id = v_sub for no key update;
  return found;
exception
  when lock_not_available or deadlock_detected then
    raise notice using errcode = 'HD503', message = format('subscription %s is being claimed by another session', v_sub),
      hint = 'A claim should be a transaction of its own: look for a session that is idle in transaction.';
    return false;
end
$$;

-- functions/due/cancel_scheduled.sql
-- Takes back a message that waits for its time: a delayed one of a stream or queue, or, when a subscription is named, a
-- retry of that subscription, which then never gets the message again. False if it does not wait (any more): it was
-- delivered, cancelled, or never there. Works in the caller's transaction. Raises HD404.
create or replace function howdah.cancel_scheduled(stream text, message uuid, subscription text default null)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_stream constant int := howdah.waiting_in(cancel_scheduled.stream, cancel_scheduled.subscription);
begin
  delete from howdah.due d where d.id = cancel_scheduled.message and d.stream = v_stream;
  return found;
end
$$;

-- functions/due/delays_until.sql
-- The delays that make messages due at given times, for publish_many: where a time is given it counts, and one that is
-- past means now; else the delay, if any. In seconds, so that a day is 24 hours in every session's time zone. Raises 22023.
create or replace function howdah.delays_until(
  v_at timestamptz,
  v_count int,
  v_delays interval[],
  v_dues timestamptz[]
) returns interval[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad bigint;
begin
  if array_ndims(v_dues) <> 1 or cardinality(v_dues) <> v_count or v_count <> coalesce(cardinality(v_delays), v_count) then
    raise exception using errcode = '22023',
      message = 'payloads, delays and dues must be plain arrays of one length',
      hint = 'Give null for an array that is not needed, or null for a single element.';
  end if;
  select min(m.o) into v_bad
  from unnest(v_dues, v_delays) with ordinality as m (due, delay, o)
  where m.due is not null and (m.delay is not null or not isfinite(m.due) or m.due > v_at + interval '10 years');
  if v_bad is not null then
    raise exception using errcode = '22023',
      message = format('due time of message %s of %s is not valid', v_bad, v_count),
      hint = 'A message has a delay or a due time, not both; a due time is at most 10 years ahead.';
  end if;
  return array(
    select case when m.due is null then m.delay
      else make_interval(secs => greatest(extract(epoch from m.due) - extract(epoch from v_at), 0)::float8) end
    from unnest(v_dues, v_delays) with ordinality as m (due, delay, o)
    order by m.o);
end
$$;

-- functions/due/due_from.sql
-- Where promote has to begin to look: usually a minute before the watermark, every ten seconds at the beginning.
create or replace function howdah.due_from(v_now timestamptz) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_watermark constant timestamptz := (select to_timestamp(w.last_value / 1000000.0) from howdah.due_watermark w);
  v_full_pass constant timestamptz := (select to_timestamp(f.last_value / 1000000.0) from howdah.due_full_pass f);
begin
  if v_now between v_full_pass and v_full_pass + interval '10 s' then
    return v_watermark - interval '60 s';
  end if;
  return '-infinity';
end
$$;

-- functions/due/is_due.sql
-- Whether promote would find something, without a lock or a transaction id. The usual look starts a minute before the
-- watermark, so it does not walk over dead rows that an old snapshot keeps; a message that was scheduled by a transaction
-- that took longer to commit is found by the full look every ten seconds.
create or replace function howdah.is_due() returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_now constant timestamptz := howdah.now();
  v_from constant timestamptz := howdah.due_from(v_now);
begin
  return exists (select from howdah.due d where d.due <= v_now and d.due > v_from);
end
$$;

-- functions/due/next_due.sql
-- When the next scheduled message of a subscription falls due (a delay of its stream or one of its retries); null if
-- nothing is scheduled. A consumer sleeps until then. Raises HD404.
create or replace function howdah.next_due(subscription text) returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_sub howdah.subscription;
begin
  select s.* into v_sub from howdah.subscription s where s.name = next_due.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', next_due.subscription);
  end if;
  return least(
    (select min(d.due) from howdah.due d
      where d.stream = v_sub.stream and (not v_sub.filtered or howdah.takes(v_sub.id, d.topic))),
    (select min(d.due) from howdah.due d where d.stream = v_sub.return_stream));
end
$$;

-- functions/due/promote.sql
-- Moves messages that are due into the log of their stream, at most 5,000 a call, publishes what recurs, and returns how
-- many there were. One session at a time does it for everybody; who comes second returns 0 at once.
--
-- The watermark (up to where everything was moved) is a sequence, so it is never rolled back: that is why a look starts a
-- minute before it and, every ten seconds, from the beginning. It only saves work; it never decides that a message is gone.
create or replace function howdah.promote() returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_xid bigint;
  v_block bigint;
  v_seg smallint;
  v_now constant timestamptz := howdah.now();
  v_from timestamptz;
  v_moved int;
begin
  perform howdah.require_read_committed('promote');
  perform from howdah.duty d where d.name = 'promote' for update skip locked;
  if not found then
    return 0;
  end if;
  v_xid := pg_current_xact_id()::text::bigint;
  v_block := nextval('howdah.block') << 13;
  v_seg := howdah.current_segment();
  v_from := howdah.due_from(v_now);

  with due as (
    delete from howdah.due d
    using (
      select p.due, p.no from howdah.due p
      where p.due <= v_now and p.due > v_from and p.recurring is null
      order by p.due, p.no
      limit 5000
      for update skip locked
    ) p
    where d.due = p.due and d.no = p.no
    returning d.*
  )
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body, content_type,
    failed_at)
  select v_seg, d.attempt, d.stream, v_xid, v_block + row_number() over (order by d.due, d.no), d.published_at, d.id,
    d.topic, d.key, d.headers, d.payload, d.body, d.content_type, d.failed_at
  from due d
  where exists (select from howdah.stream s where s.id = d.stream);
  get diagnostics v_moved = row_count;

  if v_moved < 5000 then
    perform setval('howdah.due_watermark', floor(extract(epoch from v_now) * 1000000)::bigint);
    if v_from = '-infinity' then
      perform setval('howdah.due_full_pass', floor(extract(epoch from v_now) * 1000000)::bigint);
    end if;
  end if;
  if exists (select from howdah.due d where d.recurring is not null and d.due <= v_now) then
    v_moved := v_moved + howdah.fire_recurring(v_now);
  end if;
  return v_moved;
end
$$;

-- functions/due/reschedule.sql
-- Gives a message that waits another due time; one that is past means now. With a subscription it is a retry of that
-- subscription, else a delayed message of the stream or queue. False if it does not wait (any more). Works in the
-- caller's transaction; a time before promote's watermark would be found late, hence never before now.
-- Raises HD404, 22023 for a time that is missing, infinite or more than 10 years ahead.
create or replace function howdah.reschedule(
  stream text,
  message uuid,
  due timestamptz,
  subscription text default null
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_stream constant int := howdah.waiting_in(reschedule.stream, reschedule.subscription);
  v_now constant timestamptz := howdah.now();
begin
  if reschedule.due is null or not isfinite(reschedule.due) or reschedule.due > v_now + interval '10 years' then
    raise exception using errcode = '22023', message = 'the new due time is not valid',
      hint = 'Give a time that is at most 10 years ahead; one that is past means now.';
  end if;
  update howdah.due d set due = greatest(reschedule.due, v_now)
  where d.id = reschedule.message and d.stream = v_stream;
  return found;
end
$$;

-- functions/due/scheduled.sql
-- The messages that wait for their time, the next one first: delays of a stream or queue, and retries of its
-- subscriptions (these have a subscription, an attempt and a reason). With `message` only the one of that id.
-- Raises HD404, 22023.
create or replace function howdah.scheduled(stream text, message uuid default null, quantity int default 100)
returns table (
  id uuid,
  subscription text,
  due timestamptz,
  attempt int,
  topic text,
  key text,
  headers json,
  payload json,
  published_at timestamptz,
  reason text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_stream int;
begin
  if quantity is null or quantity not between 1 and 10000 then
    raise exception using errcode = '22023',
      message = format('quantity must be between 1 and 10000 but was %s', coalesce(quantity::text, 'null')),
      hint = 'It is how many scheduled messages are listed, the next one first.';
  end if;
  v_stream := howdah.stream_id(scheduled.stream);
  return query
  select d.id, s.subscription, d.due, d.attempt::int, d.topic, d.key, d.headers, d.payload, d.published_at, d.reason
  from (
    select v_stream as stream, null::text as subscription
    union all
    select b.return_stream, b.name from howdah.subscription b where b.stream = v_stream
  ) s
    cross join lateral (
      select * from howdah.due d
      where d.stream = s.stream and d.recurring is null and (scheduled.message is null or d.id = scheduled.message)
      order by d.due
      limit quantity
    ) d
  order by d.due, d.no
  limit quantity;
end
$$;

-- functions/due/waiting_in.sql
-- Where a scheduled message waits for: the stream itself, or the return stream of a subscription of it. Raises HD404.
create or replace function howdah.waiting_in(v_stream text, v_subscription text) returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int := howdah.stream_id(v_stream);
begin
  if v_subscription is not null then
    select s.return_stream into v_id from howdah.subscription s where s.name = v_subscription and s.stream = v_id;
    if not found then
      perform howdah.fail_unknown('subscription', v_subscription);
    end if;
  end if;
  return v_id;
end
$$;

-- functions/publish/check_messages.sql
-- Refuses messages that could not be stored or read again; says which one and why, and never shows a payload.
-- Whether a text is JSON is left to the cast that stores it.
create or replace function howdah.check_messages(
  max_payload int,
  payloads text[],
  topics text[],
  keys text[],
  headers text[],
  delays interval[]
) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count constant int := coalesce(cardinality(payloads), 0);
  v_bad bigint;
begin
  if v_count not between 1 and 100000 then
    raise exception using errcode = '22023',
      message = format('a publish takes 1 to 100000 messages but got %s', v_count),
      hint = 'Publish larger amounts in several statements of one transaction.';
  end if;
  if array_ndims(payloads) <> 1 or v_count <> coalesce(cardinality(topics), v_count)
      or v_count <> coalesce(cardinality(keys), v_count) or v_count <> coalesce(cardinality(headers), v_count)
      or v_count <> coalesce(cardinality(delays), v_count) then
    raise exception using errcode = '22023',
      message = 'payloads, topics, keys, headers and delays must be plain arrays of one length',
      hint = 'Give null for an array that is not needed, or null for a single element.';
  end if;
  perform howdah.check_payload(m.payload, max_payload, m.o)
  from unnest(payloads) with ordinality as m (payload, o)
  where m.payload is null or octet_length(m.payload) > least(max_payload, 1024) or position('\u' in m.payload) > 0;

  if topics is not null then
    select min(m.o) into v_bad
    from (select t.topic, min(t.o) as o from unnest(topics) with ordinality as t (topic, o) group by t.topic) m
    where m.topic !~ '^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$' or octet_length(m.topic) > 255;
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('topic of message %s of %s is not valid', v_bad, v_count),
        hint = 'A topic is at most 255 bytes of letters, digits, - and _, in segments separated by single dots.';
    end if;
  end if;

  if keys is not null then
    select min(m.o) into v_bad
    from unnest(keys) with ordinality as m (key, o)
    where octet_length(m.key) not between 1 and 255 or m.key ~ '[\x01-\x1f\x7f]';
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('key of message %s of %s is not valid', v_bad, v_count),
        hint = 'A key is 1 to 255 bytes without control characters.';
    end if;
  end if;

  if headers is not null then
    select min(m.o) into v_bad
    from unnest(headers) with ordinality as m (headers, o)
    where octet_length(m.headers) > 16384 or position('\u0000' in replace(m.headers, '\\', '')) > 0
      or json_typeof(m.headers::json) <> 'object'
      or exists (select from json_each(m.headers::json) e where json_typeof(e.value) <> 'string');
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('headers of message %s of %s are not valid', v_bad, v_count),
        hint = 'Headers are a JSON object of at most 16 kB whose values are texts.';
    end if;
    select min(m.o) into v_bad
    from unnest(headers, topics) with ordinality as m (headers, topic, o)
    where m.topic is null and (position('"type"' in m.headers) > 0 or position('\u' in m.headers) > 0)
      and (m.headers::json ->> 'type' !~ '^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$'
        or octet_length(m.headers::json ->> 'type') > 255);
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('header "type" of message %s of %s is not a valid topic', v_bad, v_count),
        hint = 'Give a topic, or a type of at most 255 bytes of letters, digits, - and _, in segments separated by dots.';
    end if;
  end if;

  if delays is not null then
    select min(m.o) into v_bad
    from unnest(delays) with ordinality as m (delay, o)
    where m.delay not between '0' and '3660 days';
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('delay of message %s of %s is not valid', v_bad, v_count),
        hint = 'A delay is between 0 and 10 years.';
    end if;
  end if;
end
$$;

-- functions/publish/check_payload.sql
-- Refuses one payload that is missing, too large, nested too deep for readers, or holds an escape that is no character:
-- such a JSON text can be stored, and then never be taken apart. Called only for payloads that may be one of these.
create or replace function howdah.check_payload(payload text, max_payload int, ordinal bigint) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text text := payload;
  v_before int;
  v_depth int := 0;
begin
  if payload is null then
    raise exception using errcode = '22004',
      message = format('payload of message %s is missing', ordinal),
      hint = 'For a message without content publish the JSON value null.';
  end if;
  if octet_length(payload) > max_payload then
    raise exception using errcode = '22023',
      message = format('payload of message %s has %s bytes, more than the %s that its stream takes', ordinal,
        octet_length(payload), max_payload),
      hint = 'Store large content elsewhere and publish where it is.';
  end if;

  if position('\u' in v_text) > 0 then
    v_text := replace(v_text, '\\', '');
    if position('\u0000' in v_text) > 0
      or regexp_replace(v_text, '\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g')
        ~ '\\u[dD][89a-fA-F][0-9a-fA-F]{2}' then
      raise exception using errcode = '22P05',
        message = format('payload of message %s holds \u0000 or half of a surrogate pair', ordinal),
        hint = 'Remove the escape: it is no character, and readers of the message would fail.';
    end if;
  end if;

  if length(v_text) - length(translate(v_text, '[{', '')) > 512 then
    v_text := regexp_replace(replace(v_text, '\\', ''), '"(\\.|[^"\\])*"', '', 'g');
    v_text := translate(regexp_replace(v_text, '[^][{}]', '', 'g'), '{}', '[]');
    loop
      v_before := length(v_text);
      v_text := replace(v_text, '[]', '');
      exit when length(v_text) = v_before;
      v_depth := v_depth + 1;
      if v_depth > 512 then
        raise exception using errcode = '22023',
          message = format('payload of message %s is nested deeper than 512 levels', ordinal),
          hint = 'Flatten it: most readers of JSON refuse such a depth.';
      end if;
    end loop;
  end if;
end
$$;

-- functions/publish/claim_once.sql
-- Takes a deduplication key of a stream for a message: whether this is the first use within the window, and the id of the
-- first. Waits while another transaction that has used the key is open: when that one rolls back, this is the first.
create or replace function howdah.claim_once(
  v_stream int,
  v_key text,
  v_id uuid,
  v_window interval,
  out first uuid,
  out fresh boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  loop
    insert into howdah.once as o (stream, key, id, until)
    values (v_stream, v_key, v_id, howdah.now() + v_window)
    on conflict (stream, key) do update set id = excluded.id, until = excluded.until where o.until <= howdah.now()
    returning o.id into first;
    fresh := found;
    exit when fresh;
    select o.id into first from howdah.once o where o.stream = v_stream and o.key = v_key;
    exit when found; -- else housekeep has just removed it
  end loop;
end
$$;

-- functions/publish/direct_stream.sql
-- The return stream of a subscription, by which a direct message reaches it and nobody else. Raises HD404 for a name that is
-- neither a stream's nor a subscription's.
create or replace function howdah.direct_stream(v_name text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stream text;
begin
  select t.name into v_stream
  from howdah.subscription s join howdah.stream t on t.id = s.return_stream
  where s.name = v_name;
  if not found then
    perform howdah.fail_unknown('stream', v_name);
  end if;
  return v_stream;
end
$$;

-- functions/publish/forget_once.sql
-- Forgets deduplication keys whose window is over, at most 10,000; part of housekeep. Keys that are just being used again
-- stay.
create or replace function howdah.forget_once(v_now timestamptz) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_count int;
begin
  delete from howdah.once o
  using (
    select l.stream, l.key from howdah.once l where l.until <= v_now order by l.until limit 10000 for update skip locked
  ) gone
  where o.stream = gone.stream and o.key = gone.key;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

-- functions/publish/publish.sql
-- Publishes one message in the caller's transaction and returns its id: see publish_many, which does it.
create or replace function howdah.publish(
  stream text,
  payload json,
  topic text default null,
  key text default null,
  headers json default null,
  delay interval default null,
  due timestamptz default null
) returns uuid
language sql volatile
as $$
  select (howdah.publish_many(
    publish.stream,
    array[publish.payload::text],
    case when publish.topic is not null then array[publish.topic] end,
    case when publish.key is not null then array[publish.key] end,
    case when publish.headers is not null then array[publish.headers::text] end,
    case when publish.delay is not null then array[publish.delay] end,
    case when publish.due is not null then array[publish.due] end))[1]
$$;

-- functions/publish/publish_batch.sql
-- Publishes up to 8,192 messages once, whatever becomes of the answer: the same batch again stores nothing and returns the
-- same ids, so a client that lost its connection may send it again, for an hour. The ids begin as the batch's own, a UUID
-- of version 7 of which only the first 27 digits count. One more row per batch, not per message. Raises what publish_many
-- does.
create or replace function howdah.publish_batch(
  batch uuid,
  stream text,
  payloads text[],
  topics text[] default null,
  keys text[] default null,
  headers text[] default null,
  delays interval[] default null,
  dues timestamptz[] default null
) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_count constant int := coalesce(cardinality(payloads), 0);
  v_ids uuid[];
begin
  select s.* into strict v_stream from howdah.stream s where s.id = howdah.stream_id(publish_batch.stream);
  if batch is null or v_count not between 1 and 8192 then
    raise exception using errcode = '22023',
      message = format('a batch has an id and 1 to 8192 messages but got %s', v_count),
      hint = 'Publish larger amounts in several batches.';
  end if;
  if dues is not null then
    delays := howdah.delays_until(howdah.now(), v_count, delays, dues);
  end if;
  perform howdah.check_messages(v_stream.max_payload, payloads, topics, keys, headers, delays);
  v_ids := array(select (left(replace(batch::text, '-', ''), 27) || to_hex(65536 + o))::uuid
    from generate_series(0, v_count - 1) o order by o);
  if (howdah.claim_once(v_stream.id, 'b' || batch, batch, '1 h')).fresh then
    perform howdah.publish_given(v_stream.id, v_ids, payloads, topics, keys, headers, delays);
  end if;
  return v_ids;
end
$$;

-- functions/publish/publish_blocks.sql
-- Publishes more messages than a block has numbers: part after part, in the order of the input, so later parts have
-- larger numbers. All of them have been checked.
create or replace function howdah.publish_blocks(
  v_stream text,
  v_payloads text[],
  v_topics text[],
  v_keys text[],
  v_headers text[],
  v_delays interval[]
) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[] := '{}';
  v_from int := 1;
begin
  while v_from <= cardinality(v_payloads) loop
    v_ids := v_ids || howdah.publish_many(v_stream, v_payloads[v_from:v_from + 8191], v_topics[v_from:v_from + 8191],
      v_keys[v_from:v_from + 8191], v_headers[v_from:v_from + 8191], v_delays[v_from:v_from + 8191]);
    v_from := v_from + 8192;
  end loop;
  return v_ids;
end
$$;

-- functions/publish/publish_given.sql
-- Publishes messages under ids that are known before, as publish_many does otherwise: the caller has checked the messages
-- and knows that these ids are new.
create or replace function howdah.publish_given(
  v_stream int,
  v_ids uuid[],
  v_payloads text[],
  v_topics text[],
  v_keys text[],
  v_headers text[],
  v_delays interval[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_xid constant bigint := pg_current_xact_id()::text::bigint;
  v_block bigint;
  v_seg constant smallint := howdah.current_segment();
  v_at constant timestamptz := howdah.now();
begin
  v_block := nextval('howdah.block') << 13;
  insert into howdah.due (due, stream, attempt, published_at, id, topic, key, headers, payload)
  select v_at + m.delay, v_stream, 0, v_at, m.id, coalesce(m.topic, m.headers::json ->> 'type'), m.key,
    m.headers::json, m.payload::json
  from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays) with ordinality
    as m (id, payload, topic, key, headers, delay, o)
  where m.delay > '0'
  order by m.o;
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload)
  select v_seg, 0, v_stream, v_xid, v_block + m.o - 1, v_at, m.id, coalesce(m.topic, m.headers::json ->> 'type'),
    m.key, m.headers::json, m.payload::json
  from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays) with ordinality
    as m (id, payload, topic, key, headers, delay, o)
  where coalesce(m.delay, '0') <= '0';
end
$$;

-- functions/publish/publish_many.sql
-- Publishes messages in the caller's transaction, all or none, and returns their ids in the order of the input.
--
-- The transaction's id is taken before the number of the block, so whoever waited for a row lock of another publisher
-- has the larger number: the order of seq is the order of cause. A block has 8,192 numbers; more messages than that go
-- block by block. Ids are UUIDs of version 7 with one random prefix per statement and the ordinal at the end: building
-- each of them for itself would halve the rate. Few statements, because each costs as much as ten messages: one tells
-- what is to be known and whether there is anything to look at more closely, one makes the ids, one stores.
-- Writes one row per message into log, or into due when it has a delay or a due time; changes no shared row and rings no
-- bell.
-- The name of a subscription, such as a bound queue, sends a direct message: it goes into the subscription's return stream,
-- which nobody else reads. A stream of the same name comes first.
-- Raises HD404 for an unknown stream, 22023, 22004, 22P02 and 22P05 for arguments that cannot be.
create or replace function howdah.publish_many(
  stream text,
  payloads text[],
  topics text[] default null,
  keys text[] default null,
  headers text[] default null,
  delays interval[] default null,
  dues timestamptz[] default null
) returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_name text := publish_many.stream;
  v_xid bigint;
  v_block bigint;
  v_to record;
  v_ids uuid[];
begin
  v_xid := pg_current_xact_id()::text::bigint;
  loop
    select s.id, s.max_payload, n.at, howdah.current_segment() as seg, coalesce(cardinality(payloads), 0) as count,
      lpad(to_hex(floor(extract(epoch from n.at) * 1000)::bigint), 12, '0') || '7'
        || substr(replace(gen_random_uuid()::text, '-', ''), 14, 14) as prefix
    into v_to
    from howdah.stream s cross join (select howdah.now() as at) n
    where s.name = v_name and (s.kind <> 'return' or v_name <> publish_many.stream);
    exit when found;
    v_name := howdah.direct_stream(publish_many.stream);
  end loop;
  if dues is not null then
    delays := howdah.delays_until(v_to.at, v_to.count, delays, dues);
  end if;
  if not (v_to.count between 1 and 8192 and array_ndims(payloads) = 1 and num_nulls(topics, keys, headers, delays) = 4)
    or exists (
      select from unnest(payloads) m (payload)
      where m.payload is null or octet_length(m.payload) > least(v_to.max_payload, 1024) or m.payload like '%\\u%')
  then
    perform howdah.check_messages(v_to.max_payload, payloads, topics, keys, headers, delays);
    if v_to.count > 8192 then
      return howdah.publish_blocks(publish_many.stream, payloads, topics, keys, headers, delays);
    end if;
  end if;

  v_block := nextval('howdah.block') << 13;
  v_ids := array(select (v_to.prefix || to_hex(65536 + o))::uuid from generate_series(0, v_to.count - 1) o);
  if delays is not null then
    insert into howdah.due (due, stream, attempt, published_at, id, topic, key, headers, payload)
    select v_to.at + m.delay, v_to.id, 0, v_to.at, m.id, coalesce(m.topic, m.headers::json ->> 'type'), m.key,
      m.headers::json, m.payload::json
    from unnest(v_ids, payloads, topics, keys, headers, delays) with ordinality
      as m (id, payload, topic, key, headers, delay, o)
    where m.delay > '0'
    order by m.o;
  end if;
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload)
  select v_to.seg, 0, v_to.id, v_xid, v_block + m.o - 1, v_to.at, m.id, coalesce(m.topic, m.headers::json ->> 'type'),
    m.key, m.headers::json, m.payload::json
  from unnest(v_ids, payloads, topics, keys, headers, delays) with ordinality
    as m (id, payload, topic, key, headers, delay, o)
  where coalesce(m.delay, '0') <= '0';
  return v_ids;
end
$$;

-- functions/publish/publish_once.sql
-- Publishes a message unless one with the same deduplication key was published to this stream within the window (that of
-- the stream if none is given, see set_once_window); returns the id and whether it is a duplicate, then it is the id of the
-- first. The key is `once`, or the message's own `id`, or both. In the caller's transaction: while another one that has used
-- the key is open this waits, and when that rolls back this one publishes.
-- Raises what publish does; 22023 for a key or window that cannot be; 40001 in REPEATABLE READ and SERIALIZABLE when
-- somebody else has used the key since.
create or replace function howdah.publish_once(
  stream text,
  payload json,
  once text default null,
  id uuid default null,
  within interval default null,
  topic text default null,
  key text default null,
  headers json default null,
  delay interval default null,
  due timestamptz default null,
  out message uuid,
  out duplicate boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_window interval;
  v_claim record;
  v_delays interval[] := array[publish_once.delay];
  v_id constant uuid := coalesce(publish_once.id,
    (lpad(to_hex(floor(extract(epoch from howdah.now()) * 1000)::bigint), 12, '0') || '7'
      || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid);
begin
  select s.* into strict v_stream from howdah.stream s where s.id = howdah.stream_id(publish_once.stream);
  v_window := coalesce(publish_once.within, v_stream.once_window);
  if num_nonnulls(publish_once.once, publish_once.id) = 0 or octet_length(publish_once.once) not between 1 and 255
    or publish_once.once ~ '[\x01-\x1f\x7f]' or v_window not between '1 ms' and '30 days' then
    raise exception using errcode = '22023', message = 'the deduplication key or its window is not valid',
      hint = 'Give a key of 1 to 255 bytes without control characters, or an id; a window is 1 ms to 30 days.';
  end if;
  if publish_once.due is not null then
    v_delays := howdah.delays_until(howdah.now(), 1, v_delays, array[publish_once.due]);
  end if;
  perform howdah.check_messages(v_stream.max_payload, array[publish_once.payload::text], array[publish_once.topic],
    array[publish_once.key], array[publish_once.headers::text], v_delays);

  select v_id as first, true as fresh into v_claim;
  if publish_once.once is not null then
    select * into v_claim from howdah.claim_once(v_stream.id, 'k' || publish_once.once, v_id, v_window);
  end if;
  if v_claim.fresh and publish_once.id is not null then
    select * into v_claim from howdah.claim_once(v_stream.id, 'i' || publish_once.id, v_id, v_window);
  end if;
  if v_claim.fresh then
    perform howdah.publish_given(v_stream.id, array[v_id], array[publish_once.payload::text], array[publish_once.topic],
      array[publish_once.key], array[publish_once.headers::text], v_delays);
  end if;
  message := v_claim.first;
  duplicate := not v_claim.fresh;
end
$$;

-- functions/publish/set_once_window.sql
-- How long deduplication keys of a stream or queue count from now on; default 5 minutes. Raises HD404, 22023.
create or replace function howdah.set_once_window(stream text, within interval) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if set_once_window.within is null or set_once_window.within not between '1 ms' and '30 days' then
    raise exception using errcode = '22023', message = 'the deduplication window is not valid',
      hint = 'A window is 1 ms to 30 days.';
  end if;
  update howdah.stream s set once_window = set_once_window.within where s.id = howdah.stream_id(set_once_window.stream);
end
$$;

-- functions/queue/alter_queue.sql
-- Changes options of a queue: those of its own subscription. Raises HD404 if there is no queue of this name, 22023.
create or replace function howdah.alter_queue(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if not exists (select from howdah.subscription s where s.name = alter_queue.name and s.kind = 'queue') then
    perform howdah.fail_unknown('queue', alter_queue.name);
  end if;
  perform howdah.alter_subscription(alter_queue.name, alter_queue.options);
end
$$;

-- functions/queue/count_purgeable.sql
-- How many messages from v_from to v_to a subscription takes that match a topic's expression and a key, where these are
-- given.
create or replace function howdah.count_purgeable(
  v_sub howdah.subscription,
  v_src int,
  v_from bigint,
  v_to bigint,
  v_expression text,
  v_key text
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_count bigint := 0;
  v_at bigint := v_from - 1;
  v_first bigint;
  v_hits bigint[];
begin
  if not v_sub.filtered and num_nulls(v_expression, v_key) = 2 then
    return greatest(v_to - v_from + 1, 0);
  end if;
  while v_at < v_to loop
    v_first := v_at + 1;
    select s.hits, s.last into v_hits, v_at from howdah.sift(v_sub, v_src, v_first, v_to) s;
    if num_nulls(v_expression, v_key) = 2 then
      v_count := v_count + cardinality(v_hits);
    else
      v_count := v_count + (
        select count(*)
        from howdah.messages_between(v_src, v_first, v_at) m
        where m.position in (select unnest(v_hits))
          and (v_expression is null or coalesce('.' || m.topic, '') collate "C" ~ v_expression)
          and (v_key is null or m.key = v_key));
    end if;
  end loop;
  return v_count;
end
$$;

-- functions/queue/create_bound_queue.sql
-- Creates a queue that gets the messages of a stream whose topic matches one of the patterns, from now on; returns its
-- subscription's id. It is a subscription of that stream: a routed message is stored once, whatever the number of queues.
-- An existing queue of that name on that stream stays as it is, with its bindings. Publishing to the queue by its name is
-- a direct message. Raises HD404 for an unknown stream, HD409 if the name is taken, 22023, 0A000.
create or replace function howdah.create_bound_queue(name text, stream text, patterns text[]) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
begin
  perform howdah.check_name('queue', create_bound_queue.name);
  if exists (select from howdah.stream s where s.name = create_bound_queue.name) then
    raise exception using errcode = 'HD409',
      message = format('"%s" exists already, with a stream of its own', create_bound_queue.name),
      hint = 'Choose another name for the bound queue, or drop what has this one.';
  end if;
  if create_bound_queue.patterns is null then
    raise exception using errcode = '22023', message = 'a bound queue needs patterns',
      hint = 'Give # for everything, or an empty array for direct messages only.';
  end if;
  if not exists (select from howdah.subscription s where s.name = create_bound_queue.name) then
    perform howdah.create_subscription(create_bound_queue.name, create_bound_queue.stream, 'now');
    v_sub := howdah.lock_subscription(create_bound_queue.name, 'create_bound_queue');
    update howdah.subscription s set kind = 'queue' where s.id = v_sub.id;
    perform howdah.change_bindings(v_sub, create_bound_queue.patterns);
    return v_sub.id;
  end if;
  v_sub := howdah.lock_subscription(create_bound_queue.name, 'create_bound_queue');
  if v_sub.kind <> 'queue' or v_sub.stream is distinct from (
      select s.id from howdah.stream s where s.name = create_bound_queue.stream) then
    raise exception using errcode = 'HD409',
      message = format('"%s" is already %s', create_bound_queue.name,
        case v_sub.kind when 'queue' then 'a queue of another stream' else 'a subscription' end),
      hint = 'Choose another name.';
  end if;
  return v_sub.id;
end
$$;

-- functions/queue/create_queue.sql
-- Creates a queue: a stream and one subscription of the same name; returns the subscription's id. An existing queue
-- stays as it is, its options too, also one that is bound to another stream. Raises 22023 for a bad name or bad options,
-- HD409 if the name belongs to a stream or to another subscription.
create or replace function howdah.create_queue(name text, options json default null) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub int;
begin
  perform howdah.require_read_committed('create_queue');
  select s.id into v_sub from howdah.subscription s where s.name = create_queue.name and s.kind = 'queue';
  if found then
    return v_sub;
  end if;
  perform howdah.add_stream(create_queue.name, 'queue', '0');
  v_sub := howdah.create_subscription(create_queue.name, create_queue.name, 'beginning', create_queue.options);
  update howdah.subscription s set kind = 'queue' where s.id = v_sub and s.kind <> 'queue';
  return v_sub;
end
$$;

-- functions/queue/drop_queue.sql
-- Drops a queue, or one that is bound to a stream; false if there is none. Raises HD409 if it holds messages or other subscriptions read it, unless
-- `force` gives them up.
create or replace function howdah.drop_queue(name text, force boolean default false) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform howdah.require_read_committed('drop_queue');
  if exists (
    select from howdah.subscription s join howdah.stream t on t.id = s.stream
    where s.name = drop_queue.name and s.kind = 'queue' and t.name <> s.name)
  then
    return howdah.drop_subscription(drop_queue.name, drop_queue.force);
  end if;
  if not exists (select from howdah.stream s where s.name = drop_queue.name and s.kind = 'queue') then
    return false;
  end if;
  perform howdah.drop_subscription(drop_queue.name, drop_queue.force);
  return howdah.drop_stream(drop_queue.name, drop_queue.force);
end
$$;

-- functions/queue/pause.sql
-- Pauses a queue or subscription for the whole fleet: claims return nothing until it is resumed; false if it is paused.
-- What was handed out stays with its consumer, who may renew and settle. Waits for a claim that is under way, so
-- nothing is handed out after this has committed. Raises HD404, 0A000.
create or replace function howdah.pause(subscription text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant howdah.subscription := howdah.lock_subscription(pause.subscription, 'pause');
begin
  update howdah.subscription s set paused = true where s.id = v_sub.id and not s.paused;
  return found;
end
$$;

-- functions/queue/purge.sql
-- Removes what waits in a queue or subscription: what is ready, and its scheduled retries; for a queue with a stream of its
-- own that nobody else reads, delayed messages, too. With a topic pattern or a key only what matches both. What is in
-- flight stays with its consumers. Returns how many; with dry_run it only counts.
--
-- Nothing is deleted from the log. Without a filter the cursors move on. With one, a row in `purged` says what claims
-- have to leave out up to the position of now. Messages are counted before the lock is taken, and what was claimed
-- meanwhile is taken off, so consumers wait for a moment only, and publishers not at all.
-- Raises HD404, 22023, 0A000.
create or replace function howdah.purge(
  subscription text,
  topic text default null,
  key text default null,
  dry_run boolean default false
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_expression text;
  v_all constant boolean := purge.topic is null and purge.key is null;
  v_sub howdah.subscription;
  v_head howdah.slice;
  v_source bigint;
  v_return bigint;
  v_from howdah.slice;
  v_count bigint;
begin
  perform howdah.require_read_committed('purge');
  if purge.topic is not null then
    perform howdah.check_pattern(purge.topic);
    v_expression := howdah.pattern_expression(array[purge.topic]);
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = purge.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', purge.subscription);
  end if;
  v_source := (select t.first + t.n - 1 from howdah.sequence_stream(v_sub.stream) t);
  v_return := (select t.first + t.n - 1 from howdah.sequence_stream(v_sub.return_stream) t);
  if num_nulls(v_source, v_return) > 0 then
    raise exception using errcode = '55P03', message = format('"%s" is being sequenced by another session', v_sub.name),
      hint = 'Try again; look for a session that is idle in transaction after a claim.';
  end if;
  v_from := howdah.newest_slice(v_sub.id);
  v_count := howdah.count_purgeable(v_sub, v_sub.stream, v_from.source_at + 1, v_source, v_expression, purge.key)
    + howdah.count_purgeable(v_sub, v_sub.return_stream, v_from.return_at + 1, v_return, v_expression, purge.key);
  if purge.dry_run then
    return v_count + howdah.purge_free(v_sub, v_from, v_expression, purge.key, true)
      + howdah.purge_due(v_sub, v_expression, purge.key, true);
  end if;

  v_sub := howdah.lock_subscription(purge.subscription, 'purge');
  v_head := howdah.newest_slice(v_sub.id);
  v_count := v_count
    - howdah.count_purgeable(v_sub, v_sub.stream, v_from.source_at + 1, least(v_head.source_at, v_source), v_expression,
      purge.key)
    - howdah.count_purgeable(v_sub, v_sub.return_stream, v_from.return_at + 1, least(v_head.return_at, v_return),
      v_expression, purge.key)
    + howdah.purge_free(v_sub, v_head, v_expression, purge.key, false)
    + howdah.purge_due(v_sub, v_expression, purge.key, false);
  if v_all then
    perform howdah.move_cursor(v_head, greatest(v_head.source_at, v_source), greatest(v_head.return_at, v_return));
  else
    insert into howdah.purged (sub, src, upto, expression, key)
    values (v_sub.id, v_sub.stream, v_source, v_expression, purge.key),
      (v_sub.id, v_sub.return_stream, v_return, v_expression, purge.key);
    update howdah.subscription s set filtered = true where s.id = v_sub.id and not s.filtered;
  end if;
  return v_count;
end
$$;

-- functions/queue/purge_due.sql
-- Purges what is scheduled for a subscription: its retries and delayed direct messages, and the delayed messages of its
-- stream if that is a queue's own and nobody else reads it. Returns how many; v_dry only counts.
create or replace function howdah.purge_due(
  v_sub howdah.subscription,
  v_expression text,
  v_key text,
  v_dry boolean
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_streams int[] := array[v_sub.return_stream];
  v_count bigint;
begin
  if exists (select from howdah.stream s where s.id = v_sub.stream and s.kind = 'queue')
    and not exists (select from howdah.subscription s where s.stream = v_sub.stream and s.id <> v_sub.id)
  then
    v_streams := v_streams || v_sub.stream;
  end if;
  if v_dry then
    return (
      select count(*) from howdah.due d
      where d.stream = any (v_streams)
        and (v_expression is null or coalesce('.' || d.topic, '') collate "C" ~ v_expression)
        and (v_key is null or d.key = v_key));
  end if;
  delete from howdah.due d
  where d.stream = any (v_streams)
    and (v_expression is null or coalesce('.' || d.topic, '') collate "C" ~ v_expression)
    and (v_key is null or d.key = v_key);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

-- functions/queue/purge_free.sql
-- Purges slices that were handed back: what matches is settled there, and a slice of which nothing is left is closed.
-- Returns how many messages that were; v_dry only counts. One that somebody is taking now is left to him. The caller
-- holds the cutting lock, or only counts; v_head is the newest slice.
create or replace function howdah.purge_free(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_expression text,
  v_key text,
  v_dry boolean
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_count bigint := 0;
  v_no bigint;
  v_slice howdah.slice;
  v_open bigint[];
  v_hits bigint[];
begin
  for v_no in select o.no from howdah.open_slices(v_head) o where o.token = 0 loop
    if not v_dry then
      perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update skip locked;
      continue when not found;
    end if;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null or v_slice.token <> 0;
    v_open := howdah.open_positions(v_slice);
    v_hits := array(
      select m.position
      from howdah.messages_between(v_slice.src, v_slice.from_pos, v_slice.to_pos, v_slice.low_seg, v_slice.high_seg) m
      where m.position in (select unnest(v_open))
        and (v_expression is null or coalesce('.' || m.topic, '') collate "C" ~ v_expression)
        and (v_key is null or m.key = v_key));
    v_count := v_count + cardinality(v_hits);
    continue when v_dry or cardinality(v_hits) = 0;
    if cardinality(v_hits) = cardinality(v_open) then
      perform howdah.close_slice(v_slice, 'purged');
    else
      insert into howdah.part (seg, sub, no, positions) values (v_slice.seg, v_sub.id, v_slice.no, v_hits);
    end if;
  end loop;
  return v_count;
end
$$;

-- functions/queue/resume.sql
-- Ends a pause, and wakes the consumers; false if there was none. Raises HD404, 0A000.
create or replace function howdah.resume(subscription text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant howdah.subscription := howdah.lock_subscription(resume.subscription, 'resume');
begin
  update howdah.subscription s set paused = false where s.id = v_sub.id and s.paused;
  if not found then
    return false;
  end if;
  perform howdah.wake(v_sub.name);
  return true;
end
$$;

-- functions/queue/state.sql
-- Whether a consumer has something to do: 'ready' (a claim finds something now or at its next look), 'later' (nothing now;
-- `at` says when the first scheduled message falls due or the first lease ends, whichever comes first) or 'empty'. A
-- message that is in flight is not ready, and not gone: its lease may end. Says the same while it is paused. Changes
-- nothing. Raises HD404.
create or replace function howdah.state(subscription text, out state text, out at timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  at := least(howdah.next_due(state.subscription), howdah.next_lapse(state.subscription));
  if (select s.ready from howdah.stats(state.subscription) s) > 0 or at <= howdah.now() then
    state := 'ready';
    at := null;
  else
    state := case when at is null then 'empty' else 'later' end;
  end if;
end
$$;

-- functions/recurring/check_zone.sql
-- The name of a time zone as PostgreSQL knows it, for example Europe/Berlin. Abbreviations and offsets are refused (22023):
-- they have no rule for summer time.
create or replace function howdah.check_zone(v_zone text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_zone is null or v_zone !~ '^([A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+|UTC)$' then
    raise exception using errcode = '22023',
      message = format('"%s" is not a time zone', coalesce(regexp_replace(left(v_zone, 80), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = 'Give a name of the IANA time zone database, for example Europe/Berlin, or UTC.';
  end if;
  begin
    perform now() at time zone v_zone;
  exception when invalid_parameter_value then
    raise exception using errcode = '22023', message = format('time zone "%s" is not known', left(v_zone, 80)),
      hint = 'Give a name of the IANA time zone database, for example Europe/Berlin; select name from pg_timezone_names lists them.';
  end;
  return v_zone;
end
$$;

-- functions/recurring/create_recurring.sql
-- Has a message published again and again, at the times of a cron expression in a time zone (see next_fire), and returns
-- the next one. What has that name already gets this definition; if it is paused, it stays so and null is returned.
--
-- No daemon is needed: promote fires it, and claims promote. missed says what becomes of times at which nobody was there:
-- once (one message for all of them), all (one for each), skip (none for what is more than a minute past).
-- Raises HD404 for the stream, 22023 for a name, expression, zone, policy or message that cannot be.
create or replace function howdah.create_recurring(
  name text,
  stream text,
  cron text,
  payload json,
  zone text default 'UTC',
  topic text default null,
  key text default null,
  headers json default null,
  missed text default 'once'
) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream constant int := howdah.stream_id(create_recurring.stream);
  v_next timestamptz;
  v_recurring howdah.recurring;
  v_before howdah.recurring;
begin
  perform howdah.check_name('recurring message', create_recurring.name);
  if create_recurring.missed is null or create_recurring.missed not in ('skip', 'once', 'all') then
    raise exception using errcode = '22023',
      message = format('missed must be skip, once or all but was %s', coalesce(left(create_recurring.missed, 40), 'null')),
      hint = 'It says what becomes of times at which nobody was there to publish.';
  end if;
  perform howdah.check_messages(
    (select s.max_payload from howdah.stream s where s.id = v_stream), array[create_recurring.payload::text],
    array[create_recurring.topic], array[create_recurring.key], array[create_recurring.headers::text], null);
  v_next := howdah.next_fire(create_recurring.cron, create_recurring.zone);
  if v_next is null then
    raise exception using errcode = '22023',
      message = format('"%s" never comes', create_recurring.cron),
      hint = 'There is no such day in any year.';
  end if;

  select r.* into v_before from howdah.recurring r where r.name = create_recurring.name for update;
  insert into howdah.recurring as r (name, stream, cron, zone, missed, topic, key, headers, payload)
  values (create_recurring.name, v_stream, create_recurring.cron, create_recurring.zone, create_recurring.missed,
    create_recurring.topic, create_recurring.key, create_recurring.headers, create_recurring.payload)
  on conflict (name) do update
  set stream = excluded.stream, cron = excluded.cron, zone = excluded.zone, missed = excluded.missed,
    topic = excluded.topic, key = excluded.key, headers = excluded.headers, payload = excluded.payload, error = null
  returning r.* into v_recurring;
  if v_recurring.paused then
    return null;
  end if;
  if v_before.cron = v_recurring.cron and v_before.zone = v_recurring.zone and v_before.stream = v_recurring.stream then
    select d.due into v_next from howdah.due d where d.recurring = v_recurring.id;
    if found then
      return v_next; -- what is due, or was missed, stays so
    end if;
  end if;
  return howdah.schedule_recurring(v_recurring, v_next);
end
$$;

-- functions/recurring/cron_field.sql
-- The numbers that one field of a cron expression names, in order: *, numbers, names, ranges, steps and lists of these.
-- v_names are the names of the numbers from v_low on, if it has any. Raises 22023.
create or replace function howdah.cron_field(v_what text, v_field text, v_low int, v_high int, v_names text[])
returns int[]
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_item text;
  v_part text[];
  v_from int;
  v_to int;
  v_step int;
  v_all int[] := '{}';
begin
  foreach v_item in array string_to_array(lower(v_field), ',') loop
    v_part := regexp_match(v_item, '^(\*|[a-z]{3}|\d{1,4})(?:-([a-z]{3}|\d{1,4}))?(?:/(\d{1,4}))?$');
    v_step := coalesce(v_part[3]::int, 1);
    if v_part[1] = '*' then
      v_from := v_low;
      v_to := case when v_part[2] is null then v_high end;
    else
      v_from := case when v_part[1] ~ '^\d' then v_part[1]::int else v_low - 1 + array_position(v_names, v_part[1]) end;
      v_to := case when v_part[2] ~ '^\d' then v_part[2]::int
        when v_part[2] is not null then v_low - 1 + array_position(v_names, v_part[2])
        when v_part[3] is not null then v_high else v_from end;
    end if;
    if v_part is null or v_from is null or v_to is null or v_from < v_low or v_to > v_high or v_from > v_to or v_step < 1 then
      raise exception using errcode = '22023',
        message = format('"%s" is not a valid %s of a cron expression', regexp_replace(left(v_item, 40), '[[:cntrl:]]', '?', 'g'), v_what),
        hint = format('It takes *, numbers from %s to %s%s, ranges (a-b), steps (*/n, a-b/n) and lists (a,b).', v_low, v_high,
          case when v_names is not null then ', names like ' || v_names[1] else '' end);
    end if;
    v_all := v_all || array(select generate_series(v_from, v_to, v_step));
  end loop;
  return array(select distinct n from unnest(v_all) n order by n);
end
$$;

-- functions/recurring/cron_fields.sql
-- Takes a cron expression of five fields apart: minutes, hours, days, months, weekdays (0 is Sunday), whether either kind
-- of day will do (both are restricted), and whether it counts every hour (the hours begin with a star). Raises 22023.
create or replace function howdah.cron_fields(
  v_cron text,
  out minutes int[],
  out hours int[],
  out days int[],
  out months int[],
  out weekdays int[],
  out either boolean,
  out hourly boolean
)
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := case lower(btrim(v_cron))
    when '@hourly' then '0 * * * *' when '@daily' then '0 0 * * *' when '@midnight' then '0 0 * * *'
    when '@weekly' then '0 0 * * 0' when '@monthly' then '0 0 1 * *'
    when '@yearly' then '0 0 1 1 *' when '@annually' then '0 0 1 1 *' else btrim(v_cron) end;
  v_field constant text[] := regexp_split_to_array(v_text, '[ \t]+');
begin
  if v_text is null or octet_length(v_text) > 255 or cardinality(v_field) <> 5 then
    raise exception using errcode = '22023',
      message = format('"%s" is not a cron expression',
        coalesce(regexp_replace(left(v_cron, 80), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = 'It has five fields: minute, hour, day of month, month, day of week; or is @hourly, @daily, @weekly, @monthly, @yearly.';
  end if;
  minutes := howdah.cron_field('minute', v_field[1], 0, 59, null);
  hours := howdah.cron_field('hour', v_field[2], 0, 23, null);
  days := howdah.cron_field('day of month', v_field[3], 1, 31, null);
  months := howdah.cron_field('month', v_field[4], 1, 12,
    '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}');
  weekdays := howdah.cron_field('day of week', v_field[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}');
  weekdays := array(select distinct w % 7 from unnest(weekdays) w order by 1);
  either := v_field[3] not like '*%' and v_field[5] not like '*%';
  hourly := v_field[2] like '*%';
end
$$;

-- functions/recurring/cron_times.sql
-- The instants at which a local time is, in a time zone: usually one. A time that exists twice is the first of the two,
-- or both when v_hourly; a time that does not exist is as much later as the clock jumps, or none when v_hourly.
-- PostgreSQL takes the second of two and the later one of a gap, so the first lies the length of the jump before.
create or replace function howdah.cron_times(v_local timestamp, v_zone text, v_hourly boolean) returns setof timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select t.at
  from (
    select v_local at time zone v_zone as at, 0 as rank
    union all
    select (v_local at time zone v_zone) - j.jump, 1
    from unnest('{20 min,30 min,40 min,1 h,90 min,2 h,3 h}'::interval[]) j (jump)
    where ((v_local at time zone v_zone) - j.jump) at time zone v_zone = v_local
  ) t
  where not v_hourly or t.at at time zone v_zone = v_local
  order by case when not v_hourly then t.at end
  limit case when v_hourly then null else 1 end
$$;

-- functions/recurring/drop_recurring.sql
-- Ends something that recurs; false if there is none. What it has published stays.
create or replace function howdah.drop_recurring(name text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int;
begin
  delete from howdah.recurring r where r.name = drop_recurring.name returning r.id into v_id;
  delete from howdah.due d where d.recurring = v_id;
  return v_id is not null;
end
$$;

-- functions/recurring/fire_recurring.sql
-- Publishes what recurs and is due, in the transaction that gives it its next time: the lock on its row in due makes one
-- session the only firer, and a rollback undoes both. Returns how many messages it published.
--
-- What was missed because nobody promoted: `once` publishes one message and goes on from now, `all` one for each time (100
-- a call, the rest with the next one), `skip` none when the time is more than a minute past. One that is just being
-- changed is left for the next call; one that cannot be published is told in `error`, and holds up nobody.
create or replace function howdah.fire_recurring(v_now timestamptz) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_due record;
  v_recurring howdah.recurring;
  v_times timestamptz[];
  v_next timestamptz;
  v_error text;
  v_fired int := 0;
begin
  for v_due in
    select d.due, d.recurring from howdah.due d
    where d.recurring is not null and d.due <= v_now
    order by d.due
    limit 1000
    for update skip locked
  loop
    select r.* into v_recurring from howdah.recurring r where r.id = v_due.recurring for no key update skip locked;
    continue when not found;
    v_times := array[v_due.due];
    v_next := v_due.due;
    v_error := null;
    begin
      if v_recurring.missed = 'all' then
        loop
          v_next := howdah.next_fire(v_recurring.cron, v_recurring.zone, v_next);
          exit when v_next is null or v_next > v_now or cardinality(v_times) >= 100;
          v_times := v_times || v_next;
        end loop;
      else
        v_next := howdah.next_fire(v_recurring.cron, v_recurring.zone, v_now);
        if v_recurring.missed = 'skip' and v_due.due < v_now - interval '1 min' then
          v_times := '{}';
        end if;
      end if;
      perform howdah.publish_recurring(v_recurring, v_times);
      v_fired := v_fired + cardinality(v_times);
    exception when others then
      v_error := format('%s: %s', sqlstate, sqlerrm);
      v_times := '{}';
      v_next := greatest(v_next, v_now + interval '1 min');
    end;
    update howdah.recurring r
    set fired = r.fired + cardinality(v_times), fired_at = coalesce(v_times[cardinality(v_times)], r.fired_at), error = v_error
    where r.id = v_recurring.id;
    update howdah.due d set due = coalesce(v_next, v_now + interval '10 years') where d.recurring = v_recurring.id;
  end loop;
  return v_fired;
end
$$;

-- functions/recurring/next_fire.sql
-- The first time after `after` that a cron expression names in a time zone; null if there is none (30 February).
--
-- Five fields, minute, hour, day of month, month, day of week, in the time of the zone. If both kinds of day are
-- restricted, either will do. Where the clock jumps it does what people know from cron: with a star for hours it counts
-- real hours and minutes, so an hour that comes twice is counted twice and one that is missing not at all; with given
-- hours each day has each time once, the first of two, or later by the jump when the time does not exist.
-- Raises 22023 for an expression or a zone that cannot be.
create or replace function howdah.next_fire(cron text, zone text default 'UTC', after timestamptz default howdah.now())
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_cron constant record := howdah.cron_fields(next_fire.cron);
  v_zone constant text := howdah.check_zone(next_fire.zone);
  v_last constant timestamp := date_trunc('hour', next_fire.after at time zone v_zone) + interval '9 years';
  v_hour timestamp := date_trunc('hour', next_fire.after at time zone v_zone) - interval '3 h';
  v_until timestamp;
  v_best timestamptz;
begin
  while isfinite(next_fire.after) and v_hour <= coalesce(v_until, v_last) loop
    if extract(month from v_hour)::int <> all (v_cron.months) then
      v_hour := date_trunc('month', v_hour) + interval '1 month';
    elsif not (case when v_cron.either
        then extract(day from v_hour)::int = any (v_cron.days) or extract(dow from v_hour)::int = any (v_cron.weekdays)
        else extract(day from v_hour)::int = any (v_cron.days) and extract(dow from v_hour)::int = any (v_cron.weekdays) end) then
      v_hour := date_trunc('day', v_hour) + interval '1 day';
    else
      if extract(hour from v_hour)::int = any (v_cron.hours) then
        select least(v_best, min(t.at)) into v_best
        from unnest(v_cron.minutes) m (minute)
          cross join lateral howdah.cron_times(v_hour + make_interval(mins => m.minute), v_zone, v_cron.hourly) t (at)
        where t.at > next_fire.after;
        if v_best is not null and v_until is null then
          v_until := v_hour + interval '3 h'; -- where the clock jumps, a later local time may be the earlier one
        end if;
      end if;
      v_hour := v_hour + interval '1 h';
    end if;
  end loop;
  return v_best;
end
$$;

-- functions/recurring/pause_recurring.sql
-- Stops publishing something that recurs, until resume_recurring. False if it is paused already. Raises HD404.
create or replace function howdah.pause_recurring(name text) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_recurring howdah.recurring;
begin
  select r.* into v_recurring from howdah.recurring r where r.name = pause_recurring.name for update;
  if not found then
    perform howdah.fail_unknown('recurring', pause_recurring.name);
  end if;
  delete from howdah.due d where d.recurring = v_recurring.id;
  update howdah.recurring r set paused = true where r.id = v_recurring.id;
  return not v_recurring.paused;
end
$$;

-- functions/recurring/publish_recurring.sql
-- Publishes one message for each of these times; headers `recurring` and `due` tell which and when, unless the message
-- has headers of these names itself.
create or replace function howdah.publish_recurring(v_recurring howdah.recurring, v_times timestamptz[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count constant int := cardinality(v_times);
begin
  if v_count > 0 then
    perform howdah.publish_many(
      coalesce((select b.name from howdah.subscription b where b.return_stream = v_recurring.stream),
        (select s.name from howdah.stream s where s.id = v_recurring.stream)),
      array_fill(v_recurring.payload::text, array[v_count]),
      array_fill(v_recurring.topic, array[v_count]),
      array_fill(v_recurring.key, array[v_count]),
      array(
        select (jsonb_build_object('recurring', v_recurring.name,
          'due', to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) || coalesce(v_recurring.headers, '{}')::jsonb)::text
        from unnest(v_times) with ordinality t (at, o)
        order by t.o));
  end if;
end
$$;

-- functions/recurring/recurring.sql
-- What is published again and again, all or one: when it comes next (null while it is paused), how often and when it was
-- published last, and why the last time failed, if it did.
create or replace function howdah.recurring(name text default null)
returns table (
  recurring text,
  stream text,
  cron text,
  zone text,
  missed text,
  next timestamptz,
  fired bigint,
  fired_at timestamptz,
  topic text,
  key text,
  headers json,
  payload json,
  error text
)
language sql stable
as $$
  select r.name, s.name, r.cron, r.zone, r.missed, d.due, r.fired, r.fired_at, r.topic, r.key, r.headers, r.payload, r.error
  from howdah.recurring r
    join howdah.stream s on s.id = r.stream
    left join howdah.due d on d.recurring = r.id
  where recurring.name is null or r.name = recurring.name
  order by r.name
$$;

-- functions/recurring/resume_recurring.sql
-- Goes on with something that was paused, and returns its next time. What fell into the pause is not made up for.
-- Raises HD404.
create or replace function howdah.resume_recurring(name text) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_recurring howdah.recurring;
begin
  select r.* into v_recurring from howdah.recurring r where r.name = resume_recurring.name for update;
  if not found then
    perform howdah.fail_unknown('recurring', resume_recurring.name);
  end if;
  if not v_recurring.paused then
    return (select d.due from howdah.due d where d.recurring = v_recurring.id);
  end if;
  update howdah.recurring r set paused = false where r.id = v_recurring.id;
  return howdah.schedule_recurring(v_recurring, howdah.next_fire(v_recurring.cron, v_recurring.zone));
end
$$;

-- functions/recurring/schedule_recurring.sql
-- Sets when something recurs next: its one row in due, which says so. The caller has locked its row in recurring.
create or replace function howdah.schedule_recurring(v_recurring howdah.recurring, v_next timestamptz) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from howdah.due d where d.recurring = v_recurring.id;
  insert into howdah.due (due, stream, attempt, published_at, id, recurring)
  values (v_next, v_recurring.stream, 0, howdah.now(), gen_random_uuid(), v_recurring.id);
  return v_next;
end
$$;

-- functions/segment/advance_segment.sql
-- Opens the next segment when the current one holds enough. The more segments are in use the larger and older a segment
-- must get, so a reader that lags makes segments longer instead of using up the ring; and a segment lasts for a sixth of
-- the longest retention, so eight are enough for it. When all are in use publishing goes on in the newest one.
create or replace function howdah.advance_segment() returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_current howdah.segment;
  v_used int;
  v_next smallint;
  v_bytes bigint;
  v_retention interval;
  v_age interval;
begin
  select s.* into v_current from howdah.segment s where s.volume = 1 order by s.no desc limit 1;
  v_used := (select count(*) from howdah.segment s where s.volume = 1);
  v_retention := (select max(s.retention) from howdah.stream s);
  v_bytes := (
    select sum(pg_table_size(format('howdah.%I', r || '_' || v_current.seg)::regclass))
    from unnest('{log,tick,slice,closed,part}'::text[]) r);
  v_age := interval '10 s' * 4 ^ (v_used - 1);
  if v_used > 1 and v_retention is not null then
    v_age := greatest(v_age, v_retention / 6);
  end if;
  if not (v_bytes >= 1048576 and howdah.now() >= v_current.opened_at + v_age)
    and not (v_used <= 3 and v_bytes >= 67108864 * 4 ^ (v_used - 1)) then
    return;
  end if;

  v_next := (v_current.seg + 1) % 8;
  if exists (select from howdah.segment s where s.volume = 1 and s.seg = v_next) then
    return query select 'full',
      'all 8 segments are in use; publishing goes on in the newest one and no space comes back until the oldest is empty';
    return;
  end if;
  insert into howdah.segment (volume, no, seg, opened_at) values (1, v_current.no + 1, v_next, howdah.now());
  return query select 'advanced', format('segment %s opened after %s bytes', v_current.no + 1, v_bytes);
end
$$;

-- functions/segment/copy_forward.sql
-- Writes the newest tick of each stream and the newest slice of each subscription again, into the current segment, where
-- they lie in a segment that is to be emptied: they say where positions and cursors stand. Under the same locks as
-- sequence and claim, taken only if free; returns what was not free, or null.
create or replace function howdah.copy_forward(v_segment howdah.segment) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_seg constant smallint := howdah.current_segment();
  v_id int;
  v_name text;
begin
  for v_id, v_name in
    select b.id, b.name
    from howdah.subscription b
    where (select s.seg from howdah.slice s where s.sub = b.id order by s.no desc limit 1) = v_segment.seg
  loop
    perform from howdah.subscription b where b.id = v_id for no key update skip locked;
    if not found then
      return format('subscription %s is being claimed', v_name);
    end if;
    insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token,
      deadline, at, reaped_at)
    select v_seg, 0, s.sub, s.no + 1, s.source_at, s.return_at, s.floor, s.src, s.to_pos + 1, s.to_pos, 0, 0, 'infinity',
      howdah.now(), s.reaped_at
    from howdah.slice s where s.sub = v_id order by s.no desc limit 1;
  end loop;

  for v_id, v_name in
    select t.id, t.name
    from howdah.stream t
    where (select k.seg from howdah.tick k where k.stream = t.id order by k.first desc limit 1) = v_segment.seg
  loop
    perform from howdah.stream t where t.id = v_id for no key update skip locked;
    if not found then
      return format('stream %s is being sequenced', v_name);
    end if;
    insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
    select v_seg, t.stream, t.epoch, 0, t.first, t.n, t.lo, t.hi, t.at, t.xids, t.seen
    from howdah.tick t where t.stream = v_id order by t.first desc limit 1
    on conflict do nothing;
  end loop;
  return null;
end
$$;

-- functions/segment/current_segment.sql
-- The ring child that takes new rows.
create or replace function howdah.current_segment() returns smallint
language plpgsql stable
as $$
begin
  return (select s.seg from howdah.segment s where s.volume = 1 order by s.no desc limit 1);
end
$$;

-- functions/segment/empty_segment.sql
-- Empties a segment that nobody needs any more: TRUNCATE of its five ring children.
--
-- What idle streams and subscriptions need of it, their newest tick and newest slice, is written again into the current
-- segment first. Then the children are locked, for at most 50 ms because claims queue up behind the request, and
-- everything is looked at again in a new statement: a publisher that read the current segment long ago may have come in
-- the meantime. An open transaction that wrote into the segment holds a lock on it, so nothing uncommitted is lost. If it
-- cannot be emptied now the copies are taken back: a tick that is there twice would give each of its messages two
-- positions.
create or replace function howdah.empty_segment(v_oldest howdah.segment) returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
#variable_conflict use_column
declare
  v_blocker text := howdah.segment_blocker(v_oldest);
begin
  if v_blocker is null then
    begin
      v_blocker := howdah.copy_forward(v_oldest);
      if v_blocker is null then
        execute format('lock table howdah.log_%1$s, howdah.tick_%1$s, howdah.slice_%1$s, howdah.closed_%1$s,
          howdah.part_%1$s in access exclusive mode', v_oldest.seg);
        v_blocker := howdah.segment_blocker(v_oldest);
      end if;
      if v_blocker is not null then
        raise exception using errcode = 'HD000', message = v_blocker;
      end if;
      perform howdah.move_horizons(v_oldest);
      execute format('truncate howdah.log_%1$s, howdah.tick_%1$s, howdah.slice_%1$s, howdah.closed_%1$s, howdah.part_%1$s',
        v_oldest.seg);
      delete from howdah.segment s where s.volume = v_oldest.volume and s.no = v_oldest.no;
    exception
      when lock_not_available then
        v_blocker := 'an open transaction uses it';
      when sqlstate 'HD000' then
        null;
    end;
  end if;
  return query select case when v_blocker is null then 'emptied' else 'waiting' end,
    format('segment %s%s', v_oldest.no, ': ' || v_blocker);
end
$$;

-- functions/segment/fold_tallies.sql
-- Adds up the rows of tally that have come since the last time: one row for each subscription and word is left. Rows of
-- transactions that are still open stay for the next time.
create or replace function howdah.fold_tallies() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (select count(*) > count(distinct (t.sub, t.what)) from howdah.tally t) then
    with old as (delete from howdah.tally t returning t.*)
    insert into howdah.tally (sub, what, n) select o.sub, o.what, sum(o.n) from old o group by o.sub, o.what;
  end if;
end
$$;

-- functions/segment/housekeep.sql
-- Keeps the house: positions for streams that nobody reads, a new segment when the current one is large or old, and the
-- oldest one emptied when nobody needs it. To be called every few seconds by one or more processes, as a transaction of
-- its own; who comes second does nothing. Returns what was done, and what stands in the way. Raises 0A000.
create or replace function howdah.housekeep() returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_oldest howdah.segment;
  v_rotating boolean;
begin
  perform howdah.require_read_committed('housekeep');
  perform howdah.current_epoch();
  select s.* into v_oldest from howdah.segment s where s.volume = 1 order by s.no limit 1;
  v_rotating := v_oldest.no < (select max(s.no) from howdah.segment s where s.volume = 1);
  for v_stream in
    select s.* from howdah.stream s
    where (howdah.unsequenced(s.id, 1001)).n > 1000 or (v_rotating and howdah.unsequenced_in(s.id, v_oldest.seg))
  loop
    perform from howdah.stream s where s.id = v_stream.id for no key update skip locked;
    if found then
      return query
      select 'sequenced', format('%s up to %s', v_stream.name, t.first + t.n - 1)
      from howdah.sequence_stream(v_stream.id) t;
    end if;
  end loop;
  delete from howdah.sleeper s
  using (select l.sub, l.process from howdah.sleeper l where l.until < howdah.now() for update skip locked) gone
  where s.sub = gone.sub and s.process = gone.process;

  perform howdah.forget_once(howdah.now());

  perform from howdah.duty d where d.name = 'rotate' for no key update skip locked;
  if not found then
    return;
  end if;
  perform howdah.fold_tallies();
  perform howdah.expire_archive();
  perform howdah.forget_filters();
  return query select * from howdah.advance_segment();
  if found then
    perform howdah.sequence_stream(i.stream)
    from (select s.seg from howdah.segment s where s.volume = 1 order by s.no desc offset 1 limit 1) previous
      cross join lateral howdah.streams_in(previous.seg) i (stream)
      join howdah.stream s on s.id = i.stream
    where (howdah.unsequenced(i.stream, 1)).n > 0;
  end if;
  select s.* into v_oldest from howdah.segment s where s.volume = 1 order by s.no limit 1;
  if v_oldest.no < (select max(s.no) from howdah.segment s where s.volume = 1) then
    perform howdah.pass_over(v_oldest.seg);
    return query select * from howdah.empty_segment(v_oldest);
  end if;
end
$$;

-- functions/segment/last_position_in.sql
-- The last position of a stream whose message, or whose tick, lies in a ring child; 0 if none.
create or replace function howdah.last_position_in(v_stream int, v_seg smallint) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
  return greatest(
    coalesce((
      select t.first + t.n - 1 from howdah.tick t
      where t.stream = v_stream and t.segs & (1 << v_seg) <> 0
      order by t.first desc limit 1), 0),
    coalesce((
      select t.first + t.n - 1 from howdah.tick t
      where t.stream = v_stream and t.seg = v_seg and t.segs <> 0
      order by t.first desc limit 1), 0));
end
$$;

-- functions/segment/move_horizons.sql
-- Notes for each stream with messages in a segment up to which position they are gone, before the segment is emptied.
-- A stream that is being dropped needs no horizon: it is passed over, because its key might be gone a moment later.
create or replace function howdah.move_horizons(v_segment howdah.segment) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.horizon as h (stream, position)
  select s.id, howdah.last_position_in(s.id, v_segment.seg)
  from howdah.streams_in(v_segment.seg) i (stream) join howdah.stream s on s.id = i.stream
  for key share of s skip locked
  on conflict (stream) do update set position = greatest(h.position, excluded.position);
end
$$;

-- functions/segment/segment_blocker.sql
-- Why a segment cannot be emptied yet; null if it can. Looks at what its children really hold, not at what they should:
-- every stream with messages or ticks in it must be sequenced, out of retention, and read by all its subscriptions, and
-- no slice that is open may lie in it.
create or replace function howdah.segment_blocker(v_segment howdah.segment) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_closed_at constant timestamptz := (
    select min(s.opened_at) from howdah.segment s where s.volume = v_segment.volume and s.no > v_segment.no);
  v_stream howdah.stream;
  v_last bigint;
  v_reader text;
begin
  for v_stream in
    select s.* from howdah.streams_in(v_segment.seg) i (stream) join howdah.stream s on s.id = i.stream
  loop
    if v_stream.retention > '0' and howdah.now() < v_closed_at + v_stream.retention then
      return format('stream %s keeps its messages until %s', v_stream.name, v_closed_at + v_stream.retention);
    end if;
    if howdah.unsequenced_in(v_stream.id, v_segment.seg) then
      return format('stream %s has messages without a position in it', v_stream.name);
    end if;
    v_last := howdah.last_position_in(v_stream.id, v_segment.seg);
    select b.name into v_reader
    from howdah.subscription b
      cross join lateral (select s.* from howdah.slice s where s.sub = b.id order by s.no desc limit 1) head
    where (b.stream = v_stream.id and head.source_at < v_last)
      or (b.return_stream = v_stream.id and head.return_at < v_last)
      or ((b.stream = v_stream.id or b.return_stream = v_stream.id)
        and exists (select from howdah.open_slices(head) o where o.src = v_stream.id and o.from_pos <= v_last))
    limit 1;
    if found then
      return format('subscription %s has not settled all of stream %s in it', v_reader, v_stream.name);
    end if;
  end loop;

  select b.name into v_reader
  from howdah.subscription b
    cross join lateral (select s.* from howdah.slice s where s.sub = b.id order by s.no desc limit 1) head
  where exists (select from howdah.open_slices(head) o where o.seg = v_segment.seg)
  limit 1;
  return 'subscription ' || v_reader || ' has open slices in it';
end
$$;

-- functions/segment/streams_in.sql
-- The ids of the streams that have messages or ticks in a ring child, found by skipping through the index.
create or replace function howdah.streams_in(v_seg smallint) returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_stream int := 0;
begin
  loop
    select least(
      (select l.stream from howdah.log l where l.seg = v_seg and l.stream > v_stream order by l.stream limit 1),
      (select t.stream from howdah.tick t where t.seg = v_seg and t.stream > v_stream order by t.stream limit 1))
    into v_stream;
    exit when v_stream is null;
    return next v_stream;
  end loop;
end
$$;

-- functions/segment/unsequenced_in.sql
-- Whether a ring child holds messages of a stream that have no position yet.
create or replace function howdah.unsequenced_in(v_stream int, v_seg smallint) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_epoch constant howdah.epoch := (select e from howdah.epoch e order by e.no desc limit 1);
  v_tick howdah.tick := howdah.newest_tick(v_stream);
begin
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    return true;
  end if;
  if v_tick.epoch < v_epoch.no and howdah.is_restored(v_tick.epoch, v_epoch) then
    if exists (select from howdah.left_behind(v_stream, v_tick, v_epoch) l where l.seg = v_seg) then
      return true;
    end if;
    v_tick.seen := '{}';
  end if;
  return exists (
    select
    from unnest(int8multirange(int8range(0, 9223372036854775807)) - v_tick.seen) r
      cross join lateral (
        select from howdah.log l
        where l.seg = v_seg and l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r)
          and l.seq >= v_epoch.first_seq
        offset 0
      ) l);
end
$$;

-- functions/stream/add_stream.sql
-- Inserts a stream of some kind, or finds it; HD409 when the name belongs to another kind.
create or replace function howdah.add_stream(v_name text, v_kind text, v_retention interval) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stream howdah.stream;
begin
  perform howdah.check_name(v_kind, v_name);
  loop
    select s.* into v_stream from howdah.stream s where s.name = v_name;
    exit when found;
    if exists (select from howdah.subscription s where s.name = v_name and s.kind = 'queue') then
      raise exception using errcode = 'HD409', message = format('"%s" exists already, as a bound queue', v_name),
        hint = format('Choose another name for the %s, or drop the queue first.', v_kind);
    end if;
    insert into howdah.stream (name, kind, retention) values (v_name, v_kind, v_retention)
    on conflict (name) do nothing;
  end loop;
  if v_stream.kind <> v_kind then
    raise exception using errcode = 'HD409', message = format('"%s" exists already, as a %s', v_name, v_stream.kind),
      hint = format('Choose another name for the %s, or drop the %s first.', v_kind, v_stream.kind);
  end if;
  return v_stream.id;
end
$$;

-- functions/stream/check_name.sql
-- Refuses a name that a stream, queue or subscription cannot have (22023).
create or replace function howdah.check_name(kind text, name text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if name is null or name !~ '^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,254}$' then
    raise exception using errcode = '22023',
      message = format('"%s" is not a valid %s name', coalesce(regexp_replace(left(name, 255), '[[:cntrl:]]', '?', 'g'), '(null)'), kind),
      hint = 'A name starts with a letter or digit and has 1 to 255 characters of A-Z a-z 0-9 _ . : / -';
  end if;
end
$$;

-- functions/stream/create_stream.sql
-- Creates a stream, which keeps its messages for `retention` even when everybody has read them, and returns its id; an
-- existing stream of that name stays as it is. Raises 22023 for a bad name or retention, HD409 if the name is a queue's.
create or replace function howdah.create_stream(name text, retention interval default '1 day') returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if create_stream.retention is null or create_stream.retention not between '0' and '10 years' then
    raise exception using errcode = '22023', message = 'retention must be between 0 and 10 years',
      hint = 'Unread messages of a subscription are kept in any case.';
  end if;
  return howdah.add_stream(create_stream.name, 'stream', create_stream.retention);
end
$$;

-- functions/stream/current_epoch.sql
-- The epoch that this database is in; opens one when this is the first look after a restore, promotion or upgrade.
--
-- A restored database has another birth, and ids of its transactions mean others than in the log that came with the
-- dump: the log below first_seq of the new epoch is read by number, and above it by transaction, so they never mix. With
-- the same birth ids go on, and only the name of the epoch changes. Called under a stream's lock; two streams may find
-- the change at once, then the second waits and takes the first's.
create or replace function howdah.current_epoch() returns howdah.epoch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_epoch howdah.epoch;
  v_birth howdah.birth;
  v_system constant bigint := (select c.system_identifier from pg_control_system() c);
  v_timeline constant text := left(pg_walfile_name(pg_current_wal_insert_lsn()), 8);
begin
  select b.* into strict v_birth from howdah.birth b;
  loop
    select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
    if (v_epoch.birth, v_epoch.system, v_epoch.timeline) = (v_birth.id, v_system, v_timeline) then
      return v_epoch;
    end if;
    insert into howdah.epoch (no, birth, system, database, timeline, first_seq)
    values (v_epoch.no + 1, v_birth.id, v_system, v_birth.database, v_timeline,
      case when v_epoch.birth = v_birth.id or (v_epoch.system, v_epoch.database) = (v_birth.system, v_birth.database)
        then v_epoch.first_seq else v_birth.first_seq end)
    on conflict (no) do nothing;
  end loop;
end
$$;

-- functions/stream/cut_plain_window.sql
-- Gives positions to a window of at most 20,000 messages, none of whose transactions has more than 1,000 of them: in the
-- order of seq, 1,000 to a tick. False, having written nothing, for any other window.
--
-- A tick's transactions are those of the window between its smallest and its largest, so neighbouring ticks may name the
-- same ones; the bounds of seq tell their messages apart. A reader walks over the index entries of the others, at most
-- 20,000 of them. The caller holds the stream's lock.
create or replace function howdah.cut_plain_window(
  v_stream int,
  v_epoch howdah.epoch,
  v_last bigint,
  v_window int8multirange,
  v_finished int8multirange
) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set work_mem = '16MB'
as $$
begin
  with message as materialized (
    select l.xid, l.seq, l.seg
    from unnest(v_window) r
      cross join lateral (
        select * from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    limit 20001
  ), piece as (
    select m.no, count(*)::int as n, min(m.seq) as lo, max(m.seq) as hi, bit_or(1 << m.seg) as segs,
      min(m.xid) as low, max(m.xid) as high, max(m.no) over () as newest
    from (select n.*, (row_number() over (order by n.seq) - 1) / 1000 as no from message n) m
    group by m.no
  )
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_stream, v_epoch.no, p.segs, v_last + 1 + p.no * 1000, p.n, p.lo, p.hi, howdah.now(),
    v_window * int8multirange(int8range(p.low, p.high, '[]')), case when p.no = p.newest then v_finished end
  from piece p
  where (
    select sum(w.n) <= 20000 and max(w.n) <= 1000 from (select count(*) as n from message m group by m.xid) w);
  return found;
end
$$;

-- functions/stream/cut_window.sql
-- Gives positions to a window of more than 2,000 messages: in the order of seq, about 1,000 to a tick.
--
-- A transaction with more than 1,000 messages of this stream is placed as a whole where its last message stands: who
-- committed before that has smaller numbers, who published after its commit has larger ones, so no cause comes after
-- its effect. It gets ticks of its own, because a reader then finds its messages by (xid, seq) alone; the other
-- messages are cut into runs between such blocks. A tick names its own transactions, neighbours joined to ranges, so that
-- a reader does not walk over the rest of the window; ranges are cut with the window, because a transaction that still
-- runs may have numbers of its own in between. Only the last tick carries `seen`.
-- The caller holds the stream's lock.
create or replace function howdah.cut_window(
  v_stream int,
  v_epoch howdah.epoch,
  v_last bigint,
  v_window int8multirange,
  v_finished int8multirange
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set enable_nestloop = off
set enable_hashjoin = on
set jit = off
set work_mem = '64MB'
as $$
begin
  with message as materialized (
    select l.xid, l.seq, l.seg
    from unnest(v_window) r
      cross join lateral (
        select * from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
  ), writer as materialized (
    select m.xid, row_number() over (order by m.xid) as rank, case when count(*) > 1000 then max(m.seq) end as place
    from message m
    group by m.xid
  ), placed as (
    select m.seq, m.seg, w.xid, w.rank, w.place is not null as big, coalesce(w.place, m.seq) as place
    from message m join writer w on w.xid = m.xid
  ), marked as (
    select p.*,
      (p.big or lag(p.big) over moment) and p.xid is distinct from lag(p.xid) over moment as starts
    from placed p
    window moment as (order by p.place, p.seq)
  ), run as (
    select m.*, count(*) filter (where m.starts) over (order by m.place, m.seq rows unbounded preceding) as run
    from marked m
  ), numbered as materialized (
    select r.*, (row_number() over (partition by r.run order by r.place, r.seq) - 1) / 1000 as piece from run r
  ), neighbours as (
    select w.run, w.piece, w.xid, w.rank - row_number() over (partition by w.run, w.piece order by w.rank) as island
    from (select n.run, n.piece, n.xid, n.rank from numbered n group by n.run, n.piece, n.xid, n.rank) w
  ), named as (
    select i.run, i.piece, range_agg(i.xids) * v_window as xids
    from (
      select n.run, n.piece, int8range(min(n.xid), max(n.xid), '[]') as xids
      from neighbours n group by n.run, n.piece, n.island
    ) i
    group by i.run, i.piece
  ), tick as (
    select n.run, n.piece, n.n, n.lo, n.hi, n.segs, m.xids
    from (
      select p.run, p.piece, count(*)::int as n, min(p.seq) as lo, max(p.seq) as hi, bit_or(1 << p.seg) as segs
      from numbered p group by p.run, p.piece
    ) n
      join named m on m.run = n.run and m.piece = n.piece
  )
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_stream, v_epoch.no, t.segs,
    v_last + 1 + coalesce(sum(t.n) over (order by t.run, t.piece rows between unbounded preceding and 1 preceding), 0),
    t.n, t.lo, t.hi, howdah.now(), t.xids,
    case when lead(t.n) over (order by t.run, t.piece) is null then v_finished end
  from tick t;
end
$$;

-- functions/stream/drop_stream.sql
-- Drops a stream and its messages; false if there is none. Raises HD409 if it has subscriptions, or is a queue, unless
-- `force` drops them too. Subscriptions are locked before their stream, as claim does. Ids are never used again, so nothing old can reach a new stream of the same name.
create or replace function howdah.drop_stream(name text, force boolean default false) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
  v_subs text[];
begin
  perform howdah.require_read_committed('drop_stream');
  select s.* into v_stream from howdah.stream s where s.name = drop_stream.name and s.kind <> 'return';
  if not found then
    return false;
  end if;
  v_subs := array(select s.name from howdah.subscription s where s.stream = v_stream.id order by s.name);
  if cardinality(v_subs) > 0 and not drop_stream.force then
    raise exception using errcode = 'HD409',
      message = format('%s "%s" has %s subscription(s), the first is "%s"', v_stream.kind, v_stream.name,
        cardinality(v_subs), v_subs[1]),
      hint = 'Drop them first, or drop the stream with force => true; what they have not settled is lost then.';
  end if;
  perform howdah.drop_subscription(v_sub, true) from unnest(v_subs) v_sub;
  perform from howdah.stream s where s.id = v_stream.id for update;
  delete from howdah.due d where d.stream = v_stream.id;
  delete from howdah.once o where o.stream = v_stream.id;
  delete from howdah.stream s where s.id = v_stream.id;
  return true;
end
$$;

-- functions/stream/fail_unknown.sql
-- Raises HD404: the one place that says that a stream, subscription or queue does not exist, and what to do.
create or replace function howdah.fail_unknown(kind text, name text) returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using errcode = 'HD404',
    message = format('%s "%s" does not exist', kind, coalesce(regexp_replace(left(name, 255), '[[:cntrl:]]', '?', 'g'), '(null)')),
    hint = case kind
      when 'stream' then 'Create it with howdah.create_queue(name) or howdah.create_stream(name), or correct the name.'
      when 'subscription' then
        'Create it with howdah.create_queue(name) or howdah.create_subscription(name, stream), or correct the name.'
      else format('Create it with howdah.create_%s(name), or correct the name.', kind)
    end;
end
$$;

-- functions/stream/finished.sql
-- The transactions that have ended at a snapshot, as a set: all below its xmax, without those it lists as running and
-- without the caller's own. A snapshot never lists its own transaction; forgetting that would put messages that this
-- transaction publishes later into a window that is over, and nobody would ever see them.
create or replace function howdah.finished(v_at pg_snapshot) returns int8multirange
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_own constant bigint := pg_current_xact_id_if_assigned()::text::bigint;
  v_running constant int8multirange :=
    (select range_agg(int8range(x::text::bigint, x::text::bigint, '[]')) from pg_snapshot_xip(v_at) x);
begin
  return int8multirange(int8range(0, pg_snapshot_xmax(v_at)::text::bigint))
    - coalesce(v_running, '{}')
    - case when v_own is null then '{}' else int8multirange(int8range(v_own, v_own, '[]')) end;
end
$$;

-- functions/stream/has_more.sql
-- Whether a stream has anything after a position: a position that was given, or a committed message without one; yes,
-- too, of a stream that has not been sequenced since a restore. Locks and writes nothing. v_finished is finished() of the
-- caller's moment.
create or replace function howdah.has_more(v_stream int, v_at bigint, v_epoch howdah.epoch, v_finished int8multirange)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_tick constant howdah.tick := howdah.newest_tick(v_stream);
begin
  if v_tick.first + v_tick.n - 1 > v_at then
    return true;
  elsif v_tick.epoch < v_epoch.no then
    return (v_tick.seg is not null and howdah.is_restored(v_tick.epoch, v_epoch))
      or (howdah.unsequenced(v_stream, 1)).n > 0;
  end if;
  return exists (
    select
    from unnest(v_finished - v_tick.seen) r
      cross join lateral (
        select from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r)
          and l.seq >= v_epoch.first_seq
        offset 0
      ) l);
end
$$;

-- functions/stream/is_restored.sql
-- Whether a restore lies between two epochs: then transaction ids of the older mean nothing in the newer one.
create or replace function howdah.is_restored(v_old int, v_new howdah.epoch) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select e.first_seq from howdah.epoch e where e.no = v_old) <> v_new.first_seq;
end
$$;

-- functions/stream/last_position.sql
-- The last position that a stream has given; 0 if none.
create or replace function howdah.last_position(v_stream int) returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tick constant howdah.tick := howdah.newest_tick(v_stream);
begin
  return v_tick.first + v_tick.n - 1;
end
$$;

-- functions/stream/left_behind.sql
-- The messages that a restored dump brought along without a position, below the first number of the new epoch. They have
-- all been committed, so none can come later. `unseen` ones are of transactions that the newest tick had not seen. The
-- others have numbers above all that were ever given a position, so they were published after an earlier restore that
-- nothing was sequenced in: what their transaction ids meant there is not known, and `seen` says nothing about them.
create or replace function howdah.left_behind(v_stream int, v_tick howdah.tick, v_epoch howdah.epoch)
returns table (seq bigint, seg smallint, published_at timestamptz, unseen boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_first constant bigint := (select e.first_seq from howdah.epoch e where e.no = v_tick.epoch);
  v_high constant bigint := coalesce((select max(t.hi) from howdah.tick t where t.stream = v_stream), v_first - 1);
begin
  return query
  select l.seq, l.seg, l.published_at, r.unseen
  from (
    select true, unnest(int8multirange(int8range(0, 9223372036854775807)) - v_tick.seen), v_first, v_high
    union all
    select false, int8range(0, 9223372036854775807), v_high + 1, v_epoch.first_seq - 1
  ) r (unseen, xids, low, high)
    cross join lateral (
      select * from howdah.log l
      where l.stream = v_stream and l.xid >= lower(r.xids) and l.xid < upper(r.xids)
        and l.seq between r.low and least(r.high, v_epoch.first_seq - 1)
      offset 0
    ) l;
end
$$;

-- functions/stream/messages_between.sql
-- The messages at the positions from v_from to v_to of a stream. A tick says which transactions and numbers are its own;
-- the order of seq inside of it gives the positions. Where its numbers have no gaps, as after a large publish, only the
-- wanted ones are read; else all of the tick. Inlined into its callers, which pin the plan; OFFSET 0 keeps the order of
-- the joins, so that each range of transactions is one look into the index (stream, xid, seq) of each child. Order by
-- (tick, seq), which is the order of position and the one that the planner knows to be there already. Ticks and messages
-- lie in the children v_low to v_high; who does not know says 0 to 7, who does spares opening the others.
create or replace function howdah.messages_between(
  v_stream int,
  v_from bigint,
  v_to bigint,
  v_low smallint default 0,
  v_high smallint default 7
)
returns table (
  "position" bigint,
  attempt smallint,
  published_at timestamptz,
  id uuid,
  topic text,
  key text,
  headers json,
  payload json,
  body bytea,
  content_type text,
  failed_at timestamptz,
  tick bigint,
  seq bigint
)
language sql stable
as $$
  select m.position, m.attempt, m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type,
    m.failed_at, m.first, m.seq
  from (
    select t.first + b.skipped + row_number() over (partition by t.first order by l.seq) - 1 as position, l.attempt,
      l.published_at, l.id, l.topic, l.key, l.headers, l.payload, l.body, l.content_type, l.failed_at,
      t.first, l.seq
    from howdah.tick t
      cross join lateral (
        select greatest(v_from - t.first, 0) as skipped, least(v_to - t.first, t.n - 1) as last where t.hi - t.lo + 1 = t.n
        union all
        select 0, t.hi - t.lo where t.hi - t.lo + 1 <> t.n
      ) b
      cross join lateral unnest(t.xids) x
      cross join lateral (
        select * from howdah.log l
        where l.seg between v_low and v_high and l.stream = v_stream and l.xid >= lower(x) and l.xid < upper(x)
          and l.seq between t.lo + b.skipped and t.lo + b.last
        offset 0
      ) l
    where t.seg between v_low and v_high and t.stream = v_stream and t.first <= v_to
      and t.first >= coalesce((
        select b.first from howdah.tick b
        where b.seg between v_low and v_high and b.stream = v_stream and b.first <= v_from
        order by b.first desc limit 1
      ), v_from)
  ) m
  where m.position between v_from and v_to
$$;

-- functions/stream/newest_tick.sql
-- The newest tick of a stream: where its positions stand and what has been seen. For a stream without one, a tick of the
-- first epoch that has given no position and seen nothing. Ticks are written under the stream's lock into what is the
-- current segment then, so one that lies in the current segment is newer than all that lie elsewhere: nearly always one
-- ring child is opened instead of eight.
create or replace function howdah.newest_tick(v_stream int) returns howdah.tick
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_seg constant smallint := howdah.current_segment();
  v_tick howdah.tick;
begin
  select t.* into v_tick from howdah.tick t where t.seg = v_seg and t.stream = v_stream order by t.first desc limit 1;
  if not found then
    select t.* into v_tick from howdah.tick t where t.stream = v_stream order by t.first desc limit 1;
    if not found then
      v_tick.stream := v_stream;
      v_tick.epoch := 1;
      v_tick.first := 1;
      v_tick.n := 0;
      v_tick.seen := '{}';
    end if;
  end if;
  return v_tick;
end
$$;

-- functions/stream/rebase_stream.sql
-- Brings a stream into the first epoch after a restore, and returns its last position.
--
-- What was left behind without a position gets one now, in the order of seq. From then on windows read only what is at
-- or above the epoch's first number, so nothing counts as seen yet. If nothing was left behind the newest tick is moved
-- into the epoch, once per restore, so that nobody looks for it again. The caller holds the stream's lock; v_tick is its
-- newest tick.
create or replace function howdah.rebase_stream(v_tick howdah.tick, v_epoch howdah.epoch) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_last constant bigint := v_tick.first + v_tick.n - 1;
begin
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  select howdah.current_segment(), v_tick.stream, v_epoch.no, bit_or(1 << m.seg), v_last + min(m.no), count(*), min(m.seq),
    max(m.seq), howdah.now(),
    int8multirange(int8range(0, 9223372036854775807)) - case when m.unseen then v_tick.seen else '{}' end, '{}'
  from (
    select l.seq, l.seg, l.unseen, row_number() over (order by l.seq) as no
    from howdah.left_behind(v_tick.stream, v_tick, v_epoch) l
  ) m
  group by m.unseen, (m.no - 1) / 1000;
  if not found then
    update howdah.tick t set epoch = v_epoch.no, seen = '{}'
    where t.seg = v_tick.seg and t.stream = v_tick.stream and t.first = v_tick.first;
  end if;
  return coalesce((select max(t.first + t.n - 1) from howdah.tick t where t.stream = v_tick.stream), v_last);
end
$$;

-- functions/stream/require_read_committed.sql
-- Raises 0A000 in any isolation but READ COMMITTED. What moves a cursor must see what others have just committed, and
-- TRUNCATE of an old segment empties it for old snapshots too: there "no row" would be taken for a fresh start.
create or replace function howdah.require_read_committed(what text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using errcode = '0A000',
      message = format('%s does not work in a transaction that is %s', what,
        upper(current_setting('transaction_isolation'))),
      hint = 'Call it in a READ COMMITTED transaction of its own.';
  end if;
end
$$;

-- functions/stream/sequence.sql
-- Gives the next positions of a stream to the messages of all transactions that have ended since the last tick, and
-- returns the last position.
--
-- A window is a set of transactions: finished(now) minus what the newest tick has seen. It is taken in a statement
-- after the stream's lock, so ticks form one chain and every message is in exactly one window; a transaction that is
-- still running is a hole in the set and comes with a later window, however old its numbers are. Inside of a window
-- the order is that of seq. A tick is a small row that describes its messages: transactions, bounds of seq, count.
-- Positions must be durable before anybody sees them, hence synchronous_commit.
-- Writes nothing for an empty window. Raises 0A000 outside of READ COMMITTED, HD404; returns null, with a notice
-- HD503, when another process has been sequencing this stream for more than a second.
create or replace function howdah.sequence(stream text) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stream int;
  v_tick howdah.tick;
begin
  perform howdah.require_read_committed('sequence');
  select s.id into v_stream from howdah.stream s where s.name = sequence.stream;
  if not found then
    perform howdah.fail_unknown('stream', sequence.stream);
  end if;
  v_tick := howdah.sequence_stream(v_stream);
  return v_tick.first + v_tick.n - 1;
end
$$;

-- functions/stream/sequence_stream.sql
-- What sequence() does, by the stream's id; returns the newest tick, or a row of nulls where sequence() returns null.
-- Usual case: the window holds at most 2,000 messages, and the tick is one count over the index, which the reader sorts.
-- Larger windows are cut into ticks: by cut_plain_window, which is fast, as long as they are not very large and hold no
-- large transaction, else by cut_window.
create or replace function howdah.sequence_stream(v_stream int) returns howdah.tick
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_epoch howdah.epoch;
  v_tick howdah.tick;
  v_last bigint;
  v_seen int8multirange;
  v_finished int8multirange;
  v_window int8multirange;
  v_n int;
  v_lo bigint;
  v_hi bigint;
  v_segs int;
  v_oldest bigint;
  v_newest bigint;
begin
  perform from howdah.stream s where s.id = v_stream for no key update skip locked;
  if not found and not howdah.wait_for_stream(v_stream) then
    return null;
  end if;
  if current_setting('synchronous_commit') = 'off' then
    perform set_config('synchronous_commit', 'on', true);
  end if;

  v_tick := howdah.newest_tick(v_stream);
  v_last := v_tick.first + v_tick.n - 1;
  v_seen := v_tick.seen;
  v_epoch := howdah.current_epoch();
  if v_tick.epoch < v_epoch.no and howdah.is_restored(v_tick.epoch, v_epoch) then
    v_last := howdah.rebase_stream(v_tick, v_epoch);
    v_seen := '{}';
  end if;

  select howdah.finished(pg_current_snapshot()) into v_finished;
  v_window := v_finished - v_seen;
  select count(*), min(w.seq), max(w.seq), bit_or(1 << w.seg), min(w.xid), max(w.xid)
  into v_n, v_lo, v_hi, v_segs, v_oldest, v_newest
  from (
    select l.xid, l.seq, l.seg
    from unnest(v_window) r
      cross join lateral (
        select * from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    limit 2001
  ) w;

  if v_n = 0 then
    return howdah.newest_tick(v_stream);
  elsif v_n > 2000 then
    if not howdah.cut_plain_window(v_stream, v_epoch, v_last, v_window, v_finished) then
      perform howdah.cut_window(v_stream, v_epoch, v_last, v_window, v_finished);
    end if;
    return howdah.newest_tick(v_stream);
  end if;
  insert into howdah.tick (seg, stream, epoch, segs, first, n, lo, hi, at, xids, seen)
  values (howdah.current_segment(), v_stream, v_epoch.no, v_segs, v_last + 1, v_n, v_lo, v_hi, howdah.now(),
    v_window * int8multirange(int8range(v_oldest, v_newest, '[]')), v_finished)
  returning * into v_tick;
  return v_tick;
end
$$;

-- functions/stream/stream_id.sql
-- The id of a stream or queue; of the return stream for a subscription, such as a bound queue, whose messages are direct
-- ones. Raises HD404.
create or replace function howdah.stream_id(v_name text) returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id int;
begin
  select s.id into v_id from howdah.stream s where s.name = v_name and s.kind <> 'return';
  if not found then
    select s.id into strict v_id from howdah.stream s where s.name = howdah.direct_stream(v_name);
  end if;
  return v_id;
end
$$;

-- functions/stream/unsequenced.sql
-- How many messages of a stream have been committed and have no position yet, counted up to a limit, and when the oldest
-- of these was published. Locks and writes nothing; what it sees may have been sequenced by others a moment later. After
-- a restore that nothing has been sequenced in yet it says 1: sequence the stream to learn more.
create or replace function howdah.unsequenced(v_stream int, v_limit int, out n bigint, out oldest timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_epoch constant howdah.epoch := (select e from howdah.epoch e order by e.no desc limit 1);
  v_tick howdah.tick;
  v_finished int8multirange;
begin
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    n := 1;
    return;
  end if;
  v_tick := howdah.newest_tick(v_stream);
  if v_tick.epoch < v_epoch.no and howdah.is_restored(v_tick.epoch, v_epoch) then
    select count(*), min(l.published_at) into n, oldest
    from howdah.left_behind(v_stream, v_tick, v_epoch) l;
    if n > 0 then
      return;
    end if;
    v_tick.seen := '{}';
  end if;

  select howdah.finished(pg_current_snapshot()) into v_finished;
  select count(*), min(w.published_at) into n, oldest
  from (
    select l.published_at
    from unnest(v_finished - v_tick.seen) r
      cross join lateral (
        select l.published_at from howdah.log l
        where l.stream = v_stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    limit v_limit
  ) w;
end
$$;

-- functions/stream/wait_for_stream.sql
-- Waits for the sequencing lock of a stream for at most a second; false, with a notice HD503, if that was not enough.
create or replace function howdah.wait_for_stream(v_stream int) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform from howdah.stream s where s.id = v_stream for no key update;
  return found;
exception
  when lock_not_available or deadlock_detected then
    raise notice using errcode = 'HD503', message = format('stream %s is being sequenced by another session', v_stream),
      hint = 'A claim or sequence should be a transaction of its own: look for a session that is idle in transaction.';
    return false;
end
$$;

-- functions/subscription/alter_subscription.sql
-- Changes options of a subscription, also of a queue's own one; those that are not named stay as they are. Holds for
-- every failure that is settled afterwards. Waits for a claim that is under way. Raises HD404, 22023 (see with_options).
create or replace function howdah.alter_subscription(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
begin
  if alter_subscription.options is null then
    raise exception using errcode = '22023', message = 'options must be a JSON object but was null',
      hint = 'Name what is to change, for example {"max_attempts": 5}.';
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = alter_subscription.name for no key update;
  if not found then
    perform howdah.fail_unknown('subscription', alter_subscription.name);
  end if;
  v_sub := howdah.with_options(v_sub, alter_subscription.options);
  update howdah.subscription s
  set max_attempts = v_sub.max_attempts, backoff = v_sub.backoff, delays = v_sub.delays, delay_cap = v_sub.delay_cap,
    jitter = v_sub.jitter, after_last = v_sub.after_last,
    archive_retention = v_sub.archive_retention
  where s.id = v_sub.id;
end
$$;

-- functions/subscription/create_subscription.sql
-- Creates a durable reader of a stream and returns its id; an existing one of that name on that stream stays as it is,
-- its options too; alter_subscription changes them.
--
-- start: 'now' (what is committed from now on; a message whose transaction is still running belongs to it) or
-- 'beginning' (what the stream still has). The start is a first slice without messages, because the newest slice is
-- where a subscription's cursor is. The duty row keeps rotation away meanwhile, which would not see this subscription.
-- Raises HD404 for an unknown stream, HD409 if the name is another stream's subscription, 22023, 0A000.
create or replace function howdah.create_subscription(
  name text,
  stream text,
  start text default 'now',
  options json default null
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream int;
  v_sub howdah.subscription;
  v_new constant howdah.subscription := howdah.with_options(null, create_subscription.options);
  v_position bigint;
begin
  perform howdah.require_read_committed('create_subscription');
  perform howdah.check_name('subscription', create_subscription.name);
  if create_subscription.start is null or create_subscription.start not in ('now', 'beginning') then
    raise exception using errcode = '22023',
      message = format('start must be now or beginning but was %s', coalesce(left(create_subscription.start, 40), 'null')),
      hint = 'now takes what is published from now on, beginning takes what the stream still has.';
  end if;
  select s.id into v_stream from howdah.stream s where s.name = create_subscription.stream and s.kind <> 'return';
  if not found then
    perform howdah.fail_unknown('stream', create_subscription.stream);
  end if;

  perform from howdah.duty d where d.name = 'rotate' for share;
  perform from howdah.stream s where s.id = v_stream for no key update;
  if not found then
    perform howdah.fail_unknown('stream', create_subscription.stream);
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = create_subscription.name;
  if found then
    if v_sub.stream <> v_stream then
      raise exception using errcode = 'HD409',
        message = format('"%s" is already a subscription of another stream', create_subscription.name),
        hint = 'Names of subscriptions are unique in the database: choose another.';
    end if;
    return v_sub.id;
  end if;

  v_position := case create_subscription.start
    when 'now' then (select t.first + t.n - 1 from howdah.sequence_stream(v_stream) t)
    else coalesce((select h.position from howdah.horizon h where h.stream = v_stream), 0)
  end;
  insert into howdah.stream (name, kind) values ('~' || create_subscription.name, 'return') returning id
  into v_sub.return_stream;
  insert into howdah.subscription (name, stream, return_stream, max_attempts, backoff, delays, delay_cap, jitter, after_last,
    archive_retention)
  values (create_subscription.name, v_stream, v_sub.return_stream, v_new.max_attempts, v_new.backoff, v_new.delays,
    v_new.delay_cap, v_new.jitter, v_new.after_last, v_new.archive_retention)
  returning id into v_sub.id;
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token, deadline,
    at, reaped_at)
  values (howdah.current_segment(), 0, v_sub.id, 1, v_position, 0, 1, v_stream, v_position + 1, v_position, 0, 0,
    'infinity', howdah.now(), howdah.now());
  return v_sub.id;
end
$$;

-- functions/subscription/describe.sql
-- What a subscription is, or all of them: its stream, what kind that is, its options with their values, and when it was
-- made, its bindings (null: it takes everything), and whether it is paused. Its numbers are in stats(). Raises HD404 for an unknown name.
create or replace function howdah.describe(name text default null)
returns table (
  subscription text,
  stream text,
  kind text,
  options json,
  created_at timestamptz,
  bindings text[],
  paused boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if describe.name is not null
    and not exists (select from howdah.subscription s where s.name = describe.name) then
    perform howdah.fail_unknown('subscription', describe.name);
  end if;
  return query
  select s.name, t.name, s.kind, howdah.options_of(s), s.created_at, howdah.current_bindings(s.id), s.paused
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
  where describe.name is null or s.name = describe.name
  order by s.name;
end
$$;

-- functions/subscription/drop_subscription.sql
-- Drops a subscription with its cursor, retries and dead letters; false if there is none. Raises HD409 if it holds
-- messages (ready, in flight, scheduled, dead or archived), unless `force` gives them up.
create or replace function howdah.drop_subscription(name text, force boolean default false) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_held bigint;
begin
  perform howdah.require_read_committed('drop_subscription');
  select s.* into v_sub from howdah.subscription s where s.name = drop_subscription.name for update;
  if not found then
    return false;
  end if;
  if not drop_subscription.force then
    select s.ready + s.in_flight + s.scheduled + s.dead + (select count(*) from howdah.archive a where a.sub = v_sub.id)
    into v_held
    from howdah.stats(v_sub.name) s;
    if v_held > 0 then
      raise exception using errcode = 'HD409',
        message = format('subscription "%s" still holds %s message(s)', v_sub.name, v_held),
        hint = 'Settle them first, or drop it with force => true; they are lost then.';
    end if;
  end if;
  delete from howdah.due d where d.stream = v_sub.return_stream;
  delete from howdah.dead_letter d where d.sub = v_sub.id;
  delete from howdah.archive a where a.sub = v_sub.id;
  delete from howdah.tally t where t.sub = v_sub.id;
  delete from howdah.held h where h.sub = v_sub.id;
  delete from howdah.sleeper s where s.sub = v_sub.id;
  delete from howdah.subscription s where s.id = v_sub.id;
  delete from howdah.stream s where s.id = v_sub.return_stream;
  return true;
end
$$;

-- functions/subscription/lock_subscription.sql
-- A subscription, with its cutting lock held until the end of the transaction. Raises HD404, and 0A000 outside of READ
-- COMMITTED for `v_what`.
create or replace function howdah.lock_subscription(v_name text, v_what text) returns howdah.subscription
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  perform howdah.require_read_committed(v_what);
  select s.* into v_sub from howdah.subscription s where s.name = v_name for no key update;
  if not found then
    perform howdah.fail_unknown('subscription', v_name);
  end if;
  return v_sub;
end
$$;

-- functions/subscription/oldest_ready.sql
-- When the oldest message that is ready was published; null if none is. Looks at the first message of each place where
-- ready ones wait: slices that nobody owns, the return stream, the stream, and what has no position yet (there at up to
-- 1,000 messages). v_head is the subscription's newest slice. Changes nothing.
create or replace function howdah.oldest_ready(v_sub howdah.subscription, v_head howdah.slice) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return (
    select min(r.at)
    from (
      select m.published_at as at
      from (
        select o.src, o.from_pos from howdah.open_slices(v_head) o where o.token = 0
        union all
        select v_sub.return_stream, v_head.return_at + 1 where not v_sub.filtered
        union all
        select v_sub.stream, v_head.source_at + 1 where not v_sub.filtered
      ) f (src, first)
        cross join lateral howdah.messages_between(f.src, f.first, f.first) m
      union all
      select u.oldest from howdah.unsequenced(v_sub.stream, 1000) u where not v_sub.filtered
      union all
      select w.oldest from howdah.waiting(v_sub, v_head) w where v_sub.filtered
      union all
      select u.oldest from howdah.unsequenced(v_sub.return_stream, 1000) u
    ) r);
end
$$;

-- functions/subscription/option_interval.sql
-- The value of an option that is a time: text that PostgreSQL reads as an interval, from v_least to 10 years, as seconds
-- (so that a month is 30 days here and everywhere). Raises 22023.
create or replace function howdah.option_interval(v_name text, v_value jsonb, v_least interval) returns interval
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_time interval;
begin
  begin
    v_time := case when jsonb_typeof(v_value) = 'string' then make_interval(secs => extract(epoch from (v_value #>> '{}')::interval)::float8) end;
  exception
    when data_exception then
      v_time := null;
  end;
  if v_time is null or v_time not between v_least and '3653 days' then
    raise exception using errcode = '22023',
      message = format('%s must be a time between %s and 10 years but was %s', v_name, v_least, left(v_value::text, 80)),
      hint = 'Give it as text, for example "5 s" or "2 hours".';
  end if;
  return v_time;
end
$$;

-- functions/subscription/options_of.sql
-- The options of a subscription, all of them, as with_options takes them; times as ISO 8601.
create or replace function howdah.options_of(v_sub howdah.subscription) returns json
language sql stable
set search_path = pg_catalog, pg_temp
set intervalstyle = 'iso_8601'
as $$
  select json_strip_nulls(json_build_object(
    'max_attempts', coalesce(to_json(v_sub.max_attempts), '"infinite"'),
    'backoff', v_sub.backoff,
    'delay', case when v_sub.backoff = 'fixed' then v_sub.delays[1]::text end,
    'delays', case when v_sub.backoff = 'list' then to_json(v_sub.delays::text[]) end,
    'base', case when v_sub.backoff = 'exponential' then v_sub.delays[1]::text end,
    'cap', case when v_sub.backoff = 'exponential' then v_sub.delay_cap::text end,
    'jitter', case when v_sub.backoff <> 'none' then v_sub.jitter end,
    'after_last', v_sub.after_last,
    'archive_retention', coalesce(v_sub.archive_retention::text, 'infinite')))
$$;

-- functions/subscription/stats.sql
-- What a subscription holds, or all of them: messages that are ready (committed, not handed out), in flight (handed out,
-- not settled), scheduled and dead; how many its stream has ever given a position or has committed since; since when the
-- oldest ready one has been waiting; and how many were discarded after their last attempt. A snapshot of a moving thing; changes nothing. Raises HD404 for an unknown name.
create or replace function howdah.stats(name text default null)
returns table (
  subscription text,
  stream text,
  kind text,
  ready bigint,
  in_flight bigint,
  scheduled bigint,
  dead bigint,
  published bigint,
  oldest_ready timestamptz,
  discarded bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
begin
  if stats.name is not null
    and not exists (select from howdah.subscription s where s.name = stats.name) then
    perform howdah.fail_unknown('subscription', stats.name);
  end if;
  return query
  select s.name, t.name, s.kind, backlog.n + free.n, taken.n, scheduled.n, dead.n, source.published, oldest.at,
    discarded.n
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
    cross join lateral (select h.* from howdah.slice h where h.sub = s.id order by h.no desc limit 1) head
    cross join lateral (
      select howdah.last_position(s.stream) + (howdah.unsequenced(s.stream, 2147483647)).n as published,
        howdah.last_position(s.return_stream) + (howdah.unsequenced(s.return_stream, 2147483647)).n as returned
    ) source
    cross join lateral (
      select case when s.filtered then (howdah.waiting(s, head)).n
        else source.published - head.source_at + source.returned - head.return_at end as n
    ) backlog
    cross join lateral (
      select coalesce(sum(o.n) filter (where o.token = 0), 0)::bigint as n from howdah.open_slices(head) o
    ) free
    cross join lateral (
      select coalesce(sum(o.n) filter (where o.token <> 0), 0)::bigint as n from howdah.open_slices(head) o
    ) taken
    cross join lateral (
      select (select count(*) from howdah.due d where d.stream = s.return_stream and d.recurring is null)
        + (select count(*) from howdah.due d
          where d.stream = s.stream and d.recurring is null and (not s.filtered or howdah.takes(s.id, d.topic))) as n
    ) scheduled
    cross join lateral (select count(*) as n from howdah.dead_letter d where d.sub = s.id) dead
    cross join lateral (
      select coalesce(sum(y.n), 0)::bigint as n from howdah.tally y where y.sub = s.id and y.what = 'discarded'
    ) discarded
    cross join lateral (select howdah.oldest_ready(s, head) as at) oldest
  where stats.name is null or s.name = stats.name
  order by s.name;
end
$$;

-- functions/subscription/with_options.sql
-- A subscription with options changed; it is not stored. The one place that knows which options there are, their defaults
-- (which a row of nulls gets), and what fits what. A new backoff begins with its own defaults; times without a backoff
-- change the one that is there.
-- Raises 22023 for an unknown option, a value that cannot be, or options that contradict each other.
create or replace function howdah.with_options(v_sub howdah.subscription, v_options json) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_given jsonb := coalesce(v_options, '{}');
  v_value jsonb;
  v_bad text;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'options must be a JSON object',
      hint = 'For example {"max_attempts": 5, "backoff": "fixed", "delay": "10 s"}.';
  end if;
  select k into v_bad
  from jsonb_object_keys(v_given) k
  where k not in ('max_attempts', 'backoff', 'delay', 'delays', 'base', 'cap', 'jitter', 'after_last', 'archive_retention')
  order by k limit 1;
  if found then
    raise exception using errcode = '22023', message = format('there is no option "%s"', left(v_bad, 80)),
      hint = 'Options are max_attempts, backoff, delay, delays, base, cap, jitter, after_last and archive_retention.';
  end if;

  if v_sub.backoff is null then
    v_sub.max_attempts := 20;
    v_sub.after_last := 'dead_letter';
    v_given := '{"backoff": "exponential"}' || v_given;
  end if;
  if v_given ? 'max_attempts' then
    v_value := v_given -> 'max_attempts';
    if v_value = '"infinite"' then
      v_sub.max_attempts := null;
    elsif jsonb_typeof(v_value) = 'number' and v_value::numeric between 1 and 30000 and v_value::numeric % 1 = 0 then
      v_sub.max_attempts := v_value::int;
    else
      v_bad := format('max_attempts must be a whole number from 1 to 30000 or "infinite" but was %s', left(v_value::text, 80));
    end if;
  end if;
  if v_given ? 'after_last' then
    v_sub.after_last := case when v_given ->> 'after_last' in ('dead_letter', 'discard') then v_given ->> 'after_last' end;
    if v_sub.after_last is null then
      v_bad := format('after_last must be dead_letter or discard but was %s', left((v_given -> 'after_last')::text, 80));
    end if;
  end if;
  if v_sub.after_last = 'discard' and v_sub.max_attempts is null then
    v_bad := 'after_last discard cannot happen while max_attempts is infinite';
  end if;
  if v_given ? 'backoff' then
    v_sub.backoff := case when v_given ->> 'backoff' in ('none', 'fixed', 'list', 'exponential') then v_given ->> 'backoff' end;
    v_sub.delays := case v_sub.backoff when 'none' then '{0}' when 'exponential' then '{1 s}' else '{}' end::interval[];
    v_sub.delay_cap := '1 hour';
    v_sub.jitter := case when v_sub.backoff = 'exponential' then 0.1 else 0 end;
    if v_sub.backoff is null then
      v_bad := format('backoff must be none, fixed, list or exponential but was %s', left((v_given -> 'backoff')::text, 80));
    end if;
  end if;
  if v_bad is null then
    select format('%s does not fit the backoff %s', o.name, v_sub.backoff) into v_bad
    from (values ('delay', 'fixed'), ('delays', 'list'), ('base', 'exponential'), ('cap', 'exponential')) o (name, backoff)
    where v_given ? o.name and o.backoff <> v_sub.backoff
    limit 1;
  end if;
  if v_bad is null and v_given ? 'jitter' then
    v_value := v_given -> 'jitter';
    if jsonb_typeof(v_value) <> 'number' or v_value::numeric not between 0 and 1 then
      v_bad := format('jitter must be a number from 0 to 1 but was %s', left(v_value::text, 80));
    elsif v_sub.backoff = 'none' and v_value::numeric > 0 then
      v_bad := 'jitter does not fit the backoff none';
    else
      v_sub.jitter := v_value::float8;
    end if;
  end if;
  if v_bad is null and v_given ? 'delays'
      and (jsonb_typeof(v_given -> 'delays') <> 'array' or jsonb_array_length(v_given -> 'delays') not between 1 and 1000) then
    v_bad := 'delays must be an array of 1 to 1000 times';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'none takes no time, fixed a delay, list delays, exponential base and cap; all but none a jitter.';
  end if;

  if v_given ? 'delay' then
    v_sub.delays := array[howdah.option_interval('delay', v_given -> 'delay', '0')];
  elsif v_given ? 'delays' then
    v_sub.delays := array(
      select howdah.option_interval('an element of delays', d.value, '0')
      from jsonb_array_elements(v_given -> 'delays') with ordinality d (value, o) order by d.o);
  elsif v_given ? 'base' then
    v_sub.delays := array[howdah.option_interval('base', v_given -> 'base', '1 ms')];
  end if;
  if v_given ? 'archive_retention' then
    v_sub.archive_retention := case
      when v_given -> 'archive_retention' <> '"infinite"'
        then howdah.option_interval('archive_retention', v_given -> 'archive_retention', '1 s')
    end;
  end if;
  if v_given ? 'cap' then
    v_sub.delay_cap := howdah.option_interval('cap', v_given -> 'cap', '1 ms');
  end if;
  if cardinality(v_sub.delays) = 0 then
    raise exception using errcode = '22023',
      message = format('backoff %s needs %s', v_sub.backoff, case v_sub.backoff when 'fixed' then 'a delay' else 'delays' end),
      hint = 'For example {"backoff": "fixed", "delay": "10 s"} or {"backoff": "list", "delays": ["1 s", "1 min"]}.';
  elsif v_sub.backoff = 'exponential' and v_sub.delays[1] > v_sub.delay_cap then
    raise exception using errcode = '22023',
      message = format('base %s is longer than cap %s', v_sub.delays[1], v_sub.delay_cap),
      hint = 'The first delay is base, the longest is cap: give both.';
  end if;
  return v_sub;
end
$$;

-- grants.sql
-- Nothing is open to everybody: whoever is to publish or consume is granted it. Run at the end of each installation,
-- so that what a new release brings is closed, too; what has been granted to a role stays granted.
revoke all on schema howdah from public;
revoke all on all tables in schema howdah from public;
revoke all on all sequences in schema howdah from public;
revoke all on all routines in schema howdah from public;

commit;
