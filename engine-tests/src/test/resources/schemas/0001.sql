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
    (1, 'fa2aa90fb1ddffb84fcce026f2609b6f6b5b8946c8ea6367782e7de590f1eb57')) as k (number, checksum) using (number) order by m.number loop
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

-- A job as it is listed.
create type howdah.job as (
  id uuid,
  queue text,
  action text,
  params json,
  state text,
  scheduled_at timestamptz,
  created_at timestamptz,
  timeout interval,
  max_backoff interval,
  max_attempts int,
  attempts int,
  attempted_at timestamptz,
  attempted_by text,
  error text,
  next_attempt timestamptz,
  done_at timestamptz
);

-- Settings of the whole fleet that somebody has set; known_settings knows all.
create table howdah.setting (
  name text primary key,
  value text not null
);

-- Its row is the sequencing lock; it is locked, never written but by alter_stream, so it leaves no dead rows. What its
-- publishers have to heed besides is told by has_rules in one word, so that publishing to a stream without such rules pays
-- nothing for them: a time to live, headers that messages get, and what becomes of a message that nobody takes.
create table howdah.stream (
  id int generated always as identity primary key,
  name text collate "C" not null unique,
  kind text not null check (kind in ('queue', 'stream', 'return')),
  volume smallint not null default 1,
  retention interval not null default '0',
  once_window interval not null default '5 min',
  max_payload int not null default 1048576 check (max_payload between 1 and 268435456),
  ttl interval,
  headers json,
  unroutable text not null default 'keep' check (unroutable in ('keep', 'error', 'drop', 'park')),
  park_in int references howdah.stream,
  has_rules boolean not null generated always as (ttl is not null or headers is not null or unroutable <> 'keep') stored,
  created_at timestamptz not null default clock_timestamp(),
  check ((unroutable = 'park') = (park_in is not null))
);

-- Deduplication keys that were used lately, and the message that each stands for. A key that is held counts until its
-- message is settled, and until says when housekeep looks whether it can go.
create table howdah.once (
  stream int not null,
  key text collate "C" not null,
  id uuid not null,
  until timestamptz not null,
  held boolean not null default false,
  primary key (stream, key)
);

create index once_until on howdah.once (until);

-- Its row is the cutting lock. Where it stands is told by its newest slice, not here. What becomes of a message that
-- fails is told by max_attempts (null: no limit), backoff and after_last: see with_options, which knows what fits what.
-- What ordering means is told by cut_ordered; where it is blocking, a message that waits for its retry holds up its key.
-- Filtered means that a claim has to sift its stream: it has bindings or a partition, or some of what waits was purged.
-- Limited means that a claim has to ask what is permitted: see permit. Shared ones were made by share_subscription.
create table howdah.subscription (
  id int generated always as identity primary key,
  name text collate "C" not null unique,
  kind text not null default 'subscription' check (kind in ('queue', 'subscription')),
  stream int not null references howdah.stream,
  return_stream int not null unique references howdah.stream,
  filtered boolean not null default false,
  paused boolean not null default false,
  claims text not null default 'own' check (claims in ('own', 'held')),
  ordering text not null default 'none' check (ordering in ('none', 'key', 'strict', 'job')),
  blocking boolean not null default false,
  max_attempts int check (max_attempts between 1 and 30000),
  backoff text not null check (backoff in ('none', 'fixed', 'list', 'exponential')),
  delays interval[] not null,
  delay_cap interval not null,
  jitter float8 not null check (jitter between 0 and 1),
  after_last text not null check (after_last in ('dead_letter', 'discard', 'block')),
  archive_retention interval,
  expires_after interval,
  partition_no int,
  partition_count int check (partition_no between 1 and partition_count),
  shared boolean not null default false,
  after_expiry text not null default 'discard' check (after_expiry in ('discard', 'dead_letter')),
  concurrency int check (concurrency between 1 and 1000000),
  rate int check (rate between 1 and 1000000),
  rate_period interval not null default '1 s' check (rate_period between '1 s' and '1 day'),
  single_active boolean not null default false,
  limited boolean not null generated always as (concurrency is not null or rate is not null or single_active) stored,
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

-- What claims of a filtered subscription leave out: messages of one of its two streams up to a position that match all of
-- expression, key, and retries of a position from origin on, where these are given.
create table howdah.purged (
  sub int not null references howdah.subscription on delete cascade,
  src int not null,
  upto bigint not null,
  expression text collate "C",
  key text,
  origin bigint
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

-- Up to this position the messages of a stream are gone, because their segment was emptied; the last of them got its
-- position at that time, so it was published no later.
create table howdah.horizon (
  stream int primary key references howdah.stream on delete cascade,
  "position" bigint not null,
  at timestamptz not null
);

-- failed_at: when a retried message failed for the first time. expires_at: from when on it is not delivered any more.
-- keeps_key: it holds its deduplication key until it is settled; only such messages have an entry in log_keeps_key.
-- origin: which position of the subscription's stream a retry is of; null for what was published here, and for retries of
-- direct messages.
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
  failed_at timestamptz,
  expires_at timestamptz,
  keeps_key boolean,
  origin bigint
) partition by list (seg);

create index log_window on howdah.log (stream, xid, seq);
create index log_keeps_key on howdah.log (id) where keeps_key;

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

-- positions: those that the slice has, where it does not have all from from_pos to to_pos. The arrays after it stand in
-- slices of ordered subscriptions only, one element for each position: the key (see key_hash), and where the log has it.
create table howdah.slice (
  seg smallint not null,
  attempt smallint not null,
  sub int not null,
  no bigint not null,
  source_at bigint not null,
  return_at bigint not null,
  floor bigint not null,
  src int not null,
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
  keys bigint[],
  xids bigint[],
  seqs bigint[],
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

-- Messages of ordered subscriptions that lie behind the cursor and are not handed out, because one before them of the
-- same key is in flight or has failed. First those that were handed out before ('-infinity'), then as `at` says (the time
-- of a job; else all the same), then by position. One key's messages come from here before any after the cursor.
create table howdah.parked (
  sub int not null,
  key_hash bigint not null,
  at timestamptz not null,
  src int not null,
  "position" bigint not null,
  xid bigint not null,
  seq bigint not null,
  attempt smallint not null,
  seg smallint not null,
  primary key (sub, key_hash, at, src, "position")
);

-- Keys with parked messages, and since when it is their turn. Written under the cutting lock only.
create table howdah.lane (
  sub int not null,
  key_hash bigint not null,
  since timestamptz not null,
  primary key (sub, key_hash)
);

create index lane_since on howdah.lane (sub, since);

-- Keys whose first message failed or was given back, and when it is handed out again: never, if an operator or the
-- options say so ('infinity'). Written by who settles the slice that has the key, else under the cutting lock.
create table howdah.blocked (
  sub int not null,
  key_hash bigint not null,
  key text,
  src int not null,
  "position" bigint not null,
  attempts int not null,
  due timestamptz not null,
  reason text,
  error text,
  first_failed_at timestamptz,
  failed_at timestamptz,
  owner text,
  primary key (sub, key_hash)
);

create index blocked_due on howdah.blocked (sub, due);

-- What a subscription with a rate has handed out, for as long as it counts: when, and how many messages by then in all. The
-- difference of two rows is what was handed out in between. Rows are added under the cutting lock.
create table howdah.handed (
  sub int not null,
  total bigint not null,
  at timestamptz not null,
  primary key (sub, total)
);

create index handed_at on howdah.handed (sub, at);

-- Of what a subscription with a rate has handed out, what consumers say they have started noticeably later.
create table howdah.started_late (
  sub int not null,
  handed_at timestamptz not null,
  started_at timestamptz not null,
  n int not null
);

create index started_late_at on howdah.started_late (sub, started_at);

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
  expires_at timestamptz,
  keeps_key boolean,
  recurring int,
  origin bigint,
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
  owner text,
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
  owner text,
  primary key (sub, no)
);

create unique index archive_no on howdah.archive (no);
create index archive_id on howdah.archive (sub, id);
create index archive_at on howdah.archive (sub, archived_at);

-- What was counted instead of kept, for each subscription or stream: rows are added, housekeep adds them up.
create table howdah.tally (
  sub int,
  what text not null,
  n bigint not null,
  stream int,
  check (num_nonnulls(sub, stream) = 1)
);

create index tally_sub on howdah.tally (sub, what);
create index tally_stream on howdah.tally (stream, what) where stream is not null;

-- Consumers that sleep and want to be rung.
create table howdah.sleeper (
  sub int not null,
  process uuid not null,
  until timestamptz not null,
  primary key (sub, process)
);

-- When subscriptions that expire were last claimed from; written at most eight times in the time after which they expire.
create table howdah.activity (
  sub int primary key references howdah.subscription on delete cascade,
  at timestamptz not null
);

-- Subscriptions that have expired, for a month.
create table howdah.expired (
  no bigint generated always as identity primary key,
  name text collate "C" not null,
  stream text collate "C" not null,
  expires_after interval not null,
  at timestamptz not null,
  lost bigint not null
);

create index expired_name on howdah.expired (name);

-- What one process does at a time for all others: its row is the lock.
create table howdah.duty (
  name text primary key
);

insert into howdah.duty values ('promote'), ('rotate'), ('share');

insert into howdah.segment (volume, no, seg) values (1, 1, 0);

insert into howdah.epoch (no, birth, system, database, timeline, first_seq)
select 1, b.id, b.system, b.database, left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), 0
from howdah.birth b;

$howdah_migration$;
insert into howdah.migration (number, name, checksum) values (1, 'engine', 'fa2aa90fb1ddffb84fcce026f2609b6f6b5b8946c8ea6367782e7de590f1eb57');
end $howdah_step$;

-- functions/archive/archive_warning.sql
-- Says that the archive has grown large, what to do, and which subscription keeps the most; null if it has not.
create or replace function howdah.archive_warning(above bigint default 1073741824) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_size constant bigint := pg_total_relation_size('howdah.archive');
begin
  if v_size <= archive_warning.above then
    return null;
  end if;
  return format('the archive holds %s, most of it of %s; set archive_retention, or delete what nobody needs',
    pg_size_pretty(v_size), coalesce((
      select s.name
      from howdah.archive a join howdah.subscription s on s.id = a.sub
      group by s.name order by count(*) desc, s.name limit 1), 'nobody'));
end
$$;

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
-- Publishes up to `quantity` archived messages that a filter means again, oldest first, after a number, as new messages with
-- new ids: to their queue, or to their subscription and no other of its stream, or to `target`. They stay in the archive.
-- One row for each: its number and the new id; for more give the last number as `after`. In the caller's transaction. Raises
-- HD404, 22023.
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
      howdah.publish_many(coalesce(republish_archived.target, republish_archived.subscription), v_from.payloads,
        v_from.topics, v_from.keys, v_from.headers));
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
  v_set constant text[] := case when v_patterns is not null
    then array(select distinct p from unnest(v_patterns) p order by p) end;
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
    continue when v_sub.partition_count is not null or exists (select from howdah.purged u where u.sub = v_sub.id)
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

-- functions/binding/in_partition.sql
-- Whether a message belongs to the part of its stream that a subscription takes. Inlined into its callers.
create or replace function howdah.in_partition(v_sub howdah.subscription, v_key text, v_id uuid) returns boolean
language sql immutable
as $$
  select (v_sub).partition_count is null or howdah.partition_of(v_key, v_id, (v_sub).partition_count) = (v_sub).partition_no
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

-- functions/binding/partition_of.sql
-- Which of v_count parts a message belongs to, from 1 on: by its key, else by its id. The hash is taken without its sign, so
-- each message is in exactly one. Inlined into its callers.
create or replace function howdah.partition_of(v_key text, v_id uuid, v_count int) returns int
language sql immutable
as $$
  select ((hashtextextended(coalesce(v_key, v_id::text) collate "C", 0) & 9223372036854775807) % v_count)::int + 1
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
        case w.word when '*' then '\.[^.]+' when '#' then '(?:\.[^.]+)*' else '\.' || w.word end, '' order by w.no)
          as expression
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
-- bindings begin, so one set holds for all of it. Each topic that occurs is matched once. What was purged is left out.
-- Private to a subscription's return stream are direct messages and retries: bindings do not ask for them.
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
  if v_set.patterns is null and (v_src <> v_sub.stream or v_sub.partition_count is null) then
    hits := array(select generate_series(v_from, last));
  else
    hits := array(
      select p.position
      from (
        select m.topic, array_agg(m.position) as positions
        from howdah.messages_between(v_src, v_from, last, v_span.low, v_span.high) m
        where howdah.in_partition(v_sub, m.key, m.id)
        group by m.topic
        offset 0
      ) t
        cross join lateral unnest(t.positions) p (position)
      where v_set.patterns is null or coalesce('.' || t.topic, '') collate "C" ~ v_set.expression
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
-- Whether a subscription takes a message of this topic at a position of its stream; by default at the one that is given next.
create or replace function howdah.takes(v_sub int, v_topic text, v_position bigint default 9223372036854775807)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce((
    select b.patterns is null or coalesce(coalesce('.' || v_topic, '') collate "C" ~ b.expression, false)
    from howdah.binding b
    where b.sub = v_sub and b.since <= v_position
    order by b.since desc limit 1), true);
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
        select l.published_at, l.topic, l.key, l.id from howdah.log l
        where l.stream = v_sub.stream and l.xid >= lower(r) and l.xid < upper(r) and l.seq >= v_epoch.first_seq
        offset 0
      ) l
    where (v_set.patterns is null or coalesce('.' || l.topic, '') collate "C" ~ v_set.expression)
      and howdah.in_partition(v_sub, l.key, l.id)
    limit v_limit
  ) w;
end
$$;

-- functions/binding/waiting.sql
-- How many messages wait for a filtered subscription that were never handed out, and since when the oldest one does. Exact
-- while at most 10,000 positions lie behind its cursor; what lies beyond them is counted without a look at its topic, so
-- there the number is an upper bound. Changes nothing.
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
          and (u.origin is null or m.origin >= u.origin)
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

-- functions/configuration/configuration.sql
-- The settings of the fleet: what they are, what they are when nobody sets them, whether somebody has, what they mean.
create or replace function howdah.configuration()
  returns table (name text, value text, standard text, configured boolean, meaning text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.name, coalesce(s.value, k.standard), k.standard, s.value is not null, k.meaning
  from howdah.known_settings() k left join howdah.setting s on s.name = k.name
  order by k.name
$$;

-- functions/configuration/configure.sql
-- Sets one of the settings of the fleet, or with null makes it what it was at first; it holds from the commit on, for all,
-- without a restart. Returns the value as it is kept. Raises 22023 for an unknown name, or a value that cannot be.
create or replace function howdah.configure(name text, value text) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set intervalstyle = 'postgres'
as $$
#variable_conflict use_column
declare
  v_known record;
  v_bytes bigint;
  v_time interval;
  v_kept text;
begin
  perform howdah.setting_of(configure.name);
  if configure.value is null then
    delete from howdah.setting s where s.name = configure.name;
    return howdah.setting_of(configure.name);
  end if;
  select k.* into v_known from howdah.known_settings() k where k.name = configure.name;
  begin
    if v_known.kind = 'size' then
      v_bytes := pg_size_bytes(configure.value);
      if v_bytes between pg_size_bytes(v_known.smallest) and pg_size_bytes(v_known.largest) then
        v_kept := pg_size_pretty(v_bytes);
        v_kept := case when pg_size_bytes(v_kept) = v_bytes then v_kept else v_bytes || ' bytes' end;
      end if;
    else
      v_time := configure.value::interval;
      v_kept := case when v_time between v_known.smallest::interval and v_known.largest::interval then v_time::text end;
    end if;
  exception
    when data_exception or numeric_value_out_of_range then
      v_kept := null;
  end;
  if v_kept is null then
    raise exception using errcode = '22023',
      message = format('%s must be a %s from %s to %s but was %s', configure.name, v_known.kind, v_known.smallest,
        v_known.largest,
        regexp_replace(left(configure.value, 80), '[[:cntrl:]]', '?', 'g')),
      hint = case v_known.kind when 'size' then 'For example 64 MB.' else 'For example 90 s or 12 hours.' end;
  end if;
  insert into howdah.setting as s (name, value) values (configure.name, v_kept)
  on conflict (name) do update set value = excluded.value;
  return v_kept;
end
$$;

-- functions/configuration/known_settings.sql
-- The settings of the whole fleet: the one place that knows which there are, what they are when nobody sets them, and
-- what they may be. Sizes and times are as configure keeps them.
create or replace function howdah.known_settings()
  returns table (name text, kind text, standard text, smallest text, largest text, meaning text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('max_payload', 'size', '1024 kB', '1 kB', '256 MB', 'largest payload of queues and streams that are created from now on'),
    ('once_window', 'time', '00:05:00', '1 ms', '30 days',
      'how long deduplication keys count in queues and streams that are created from now on'),
    ('segment_age', 'time', '00:00:10', '1 s', '7 days',
      'a segment that is older, and no longer small, is followed by the next one; four times as old with each that is in use'),
    ('segment_size', 'size', '64 MB', '1 MB', '1 TB',
      'a segment that is larger is followed by the next one; four times as large with each that is in use'),
    ('stream_retention', 'time', '7 days', '0', '10 years',
      'how long streams that are created from now on keep messages that all have read')
$$;

-- functions/configuration/setting_of.sql
-- What a setting of the fleet is now, as text. Raises 22023 if there is none of this name.
create or replace function howdah.setting_of(v_name text) returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value text;
begin
  select coalesce(s.value, k.standard) into v_value
  from howdah.known_settings() k left join howdah.setting s on s.name = k.name
  where k.name = v_name;
  if not found then
    raise exception using errcode = '22023',
      message = format('there is no setting "%s"',
        coalesce(regexp_replace(left(v_name, 80), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = format('Settings are %s.', (select string_agg(k.name, ', ' order by k.name) from howdah.known_settings() k));
  end if;
  return v_value;
end
$$;

-- functions/cursor/drop_open.sql
-- Closes all open slices of a subscription that is put elsewhere, so that their tokens are void. Of each, the messages
-- that are, or are retries of, positions from v_from on are dropped; the others go on in a new slice that nobody owns,
-- with the attempts that they had. Returns how many of those that were dropped lie at v_to or before and so do not come again.
-- The slice's row is locked first, and looked at in a new statement: a settle under way goes first. The caller holds the
-- cutting lock; v_head is the newest slice. Raises 55P03 if a settle takes longer than 5 s.
create or replace function howdah.drop_open(v_sub howdah.subscription, v_head howdah.slice, v_from bigint, v_to bigint)
returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set lock_timeout = '5s'
as $$
declare
  v_no bigint;
  v_slice howdah.slice;
  v_left int;
  v_gone bigint[];
  v_lost int;
  v_count bigint := 0;
begin
  for v_no in select o.no from howdah.open_slices(v_head) o loop
    perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null;
    select count(*) filter (where m.place is null or m.place < v_from),
      coalesce(array_agg(m.position) filter (where m.place >= v_from), '{}'),
      count(*) filter (where m.place between v_from and v_to)
    into v_left, v_gone, v_lost
    from (
      select m.position, case when v_slice.src = v_sub.stream then m.position else m.origin end as place
      from howdah.slice_messages(v_slice) m
      where m.position in (select unnest(howdah.open_positions(v_slice)))
    ) m;
    v_count := v_count + v_lost;
    delete from howdah.blocked b where b.sub = v_sub.id and b.src = v_slice.src and b.position = any (v_gone);
    if v_left = 0 then
      perform howdah.close_slice(v_slice, 'seek');
      continue;
    elsif cardinality(v_gone) > 0 then
      insert into howdah.part (seg, sub, no, positions) values (v_slice.seg, v_sub.id, v_slice.no, v_gone);
    end if;
    v_slice.token := 0;
    v_slice.owner := null;
    v_head := case when v_slice.xids is null then howdah.split(v_slice, v_head, v_left)
      else howdah.split_ordered(v_slice, v_head, v_left) end;
  end loop;
  return v_count;
exception
  when lock_not_available or deadlock_detected then
    raise exception using errcode = '55P03', 
      message = format('messages of "%s" are being settled by another session', v_sub.name),
      hint = 'Try again; look for a transaction that has settled and stays open, or is prepared.';
end
$$;

-- functions/cursor/drop_parked.sql
-- Takes what an ordered subscription has parked, and the blocks of its keys, for positions from v_from on, or for retries of
-- them, away; returns how many of these messages lie at v_to or before. Keys of which nothing is left have no turn any
-- more. The caller holds the cutting lock, and no slice is being settled.
create or replace function howdah.drop_parked(v_sub howdah.subscription, v_from bigint, v_to bigint) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_count bigint;
begin
  if v_sub.ordering = 'none' and not exists (select from howdah.parked p where p.sub = v_sub.id) then
    return 0;
  end if;
  with gone as (
    delete from howdah.parked p
    using (
      select q.key_hash, q.at, q.src, q.position, q.position as place
      from howdah.parked q
      where q.sub = v_sub.id and q.src = v_sub.stream and q.position >= v_from
      union all
      select q.key_hash, q.at, q.src, q.position, l.origin
      from howdah.parked q
        cross join lateral (
          select m.origin from howdah.log m
          where m.seg = q.seg and m.stream = q.src and m.xid = q.xid and m.seq = q.seq
          offset 0
        ) l
      where q.sub = v_sub.id and q.src = v_sub.return_stream and l.origin >= v_from
    ) g
    where p.sub = v_sub.id and p.key_hash = g.key_hash and p.at = g.at and p.src = g.src and p.position = g.position
    returning g.*
  ), freed as (
    delete from howdah.blocked b
    using gone g
    where b.sub = v_sub.id and b.key_hash = g.key_hash and b.src = g.src and b.position = g.position
  )
  select count(*) filter (where g.place <= v_to) into v_count from gone g;
  delete from howdah.lane l
  where l.sub = v_sub.id
    and not exists (select from howdah.parked p where p.sub = l.sub and p.key_hash = l.key_hash offset 0);
  return v_count;
end
$$;

-- functions/cursor/drop_retries.sql
-- Takes retries of positions from v_from on away, those that wait for their time and those that are ready; returns how many
-- are of positions up to v_to. Direct messages, and retries of these, stay. What is ready lies in the log: a row in
-- `purged` says what claims have to leave out. Rows in due that are being moved into the log are waited for, so that they
-- have their positions in the return stream below. The caller holds the cutting lock; v_head is the newest slice.
-- Raises 55P03.
create or replace function howdah.drop_retries(v_sub howdah.subscription, v_head howdah.slice, v_from bigint, v_to bigint)
returns bigint
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
  v_last bigint;
  v_due bigint;
  v_ready bigint;
  v_lost bigint;
begin
  with gone as (
    delete from howdah.due d where d.stream = v_sub.return_stream and d.origin >= v_from returning d.origin
  )
  select count(*) filter (where g.origin <= v_to) into v_due from gone g;

  v_last := (select t.first + t.n - 1 from howdah.sequence_stream(v_sub.return_stream) t);
  if v_last is null then
    raise exception using errcode = '55P03', message = format('"%s" is being sequenced by another session', v_sub.name),
      hint = 'Try again; look for a session that is idle in transaction after a claim.';
  end if;
  select count(*), count(*) filter (where m.origin <= v_to) into v_ready, v_lost
  from howdah.messages_between(v_sub.return_stream, v_head.return_at + 1, v_last) m
  where m.origin >= v_from;
  if v_ready > 0 then
    insert into howdah.purged (sub, src, upto, origin) values (v_sub.id, v_sub.return_stream, v_last, v_from);
    update howdah.subscription s set filtered = true where s.id = v_sub.id and not s.filtered;
  end if;
  return v_due + v_lost;
end
$$;

-- functions/cursor/rebind_past.sql
-- Lets the bindings that a subscription has now hold for all positions before v_next, too: these are read once more, and
-- the sets of then may be gone. What lies at v_next and behind it keeps its own. The caller holds the cutting lock.
create or replace function howdah.rebind_past(v_sub int, v_next bigint) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now howdah.binding;
  v_then howdah.binding;
begin
  select b.* into v_now from howdah.binding b where b.sub = v_sub order by b.since desc limit 1;
  if not found then
    return;
  end if;
  select b.* into v_then from howdah.binding b where b.sub = v_sub and b.since <= v_next order by b.since desc limit 1;
  delete from howdah.binding b where b.sub = v_sub and b.since <= v_next;
  insert into howdah.binding (sub, since, patterns, expression) values (v_sub, 0, v_now.patterns, v_now.expression);
  if v_then.since is distinct from v_now.since then
    insert into howdah.binding (sub, since, patterns, expression) values (v_sub, v_next, v_then.patterns, v_then.expression);
  end if;
end
$$;

-- functions/cursor/seek.sql
-- Puts a subscription at a place of its stream, back or forward: what lies there and behind it comes, each message once
-- and as if it had never been tried. See start_cursor for the place; it must be named.
--
-- What is in flight is fenced: its tokens are void. What the cursor had passed before that place and is not settled
-- stays: it comes again, or falls due; drop_unsettled gives it up, too. Direct messages and dead letters stay in any case.
-- Returns the next position, how many positions the cursor went back, and how many messages that wait will not come:
-- those that the cursor went forward over, and those that drop_unsettled gave up.
-- Waits for settles that are under way, up to 5 s. Everything happens under the cutting lock; the duty row keeps rotation away.
-- Slices come first, then what is due, then the return stream: a settle that was under way has put its retries there.
-- Raises HD404, HD416, 22023, 55P03, 0A000.
create or replace function howdah.seek(
  subscription text,
  start text default null,
  start_time timestamptz default null,
  start_position bigint default null,
  drop_unsettled boolean default false,
  out "position" bigint,
  out replayed bigint,
  out skipped bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_head howdah.slice;
  v_at bigint;
  v_to bigint;
  v_from bigint;
begin
  if num_nonnulls(seek.start, seek.start_time, seek.start_position) = 0 then
    raise exception using errcode = '22023', message = 'seek needs a place to go to',
      hint = 'Give start => ''beginning'' or ''now'', start_time or start_position.';
  end if;
  perform from howdah.duty d where d.name = 'rotate' for share;
  v_sub := howdah.lock_subscription(seek.subscription, 'seek');
  v_to := howdah.start_cursor(v_sub.stream, seek.start, seek.start_time, seek.start_position);
  v_head := howdah.newest_slice(v_sub.id);
  v_at := v_head.source_at;
  v_from := case when seek.drop_unsettled then 0 else v_to + 1 end;

  skipped := greatest(v_to - v_at, 0) + howdah.drop_open(v_sub, v_head, v_from, v_to)
    + howdah.drop_parked(v_sub, v_from, v_to) + howdah.drop_retries(v_sub, v_head, v_from, v_to);
  if v_to < v_at then
    perform howdah.rebind_past(v_sub.id, v_at + 1);
  end if;
  delete from howdah.purged u where u.sub = v_sub.id and u.src = v_sub.stream and u.upto > v_to;
  v_head := howdah.newest_slice(v_sub.id);
  perform howdah.move_cursor(v_head, v_to, v_head.return_at);
  perform howdah.wake(v_sub.name);
  position := v_to + 1;
  replayed := greatest(v_at - v_to, 0);
end
$$;

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
-- The numbers of the dead letters ('dead') or archived messages ('archived') that a filter means, in order, after a number.
-- v_sub null means all subscriptions. The one place that knows the filter: {"ids": […], "reason", "topic", "key", "since",
-- "until", "text"}; all that are given have to hold. since is inclusive, until is not; text is looked for in reason, error,
-- topic, key, headers and payload, whatever the case. Raises 22023 for an unknown member or a value that cannot be.
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
-- Sends up to `quantity` dead letters that a filter means back to their subscription, oldest first, with no attempt used up;
-- or to another queue, stream or subscription, `target`. Returns how many; call again until it is 0. With a `rate` the first
-- is ready at once, and the others fall due so many a second.
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
    raise exception using errcode = '22023', message = format('rate must be between 0.001 and 1000000 but was %s',
      redrive.rate),
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
-- transaction id, so an idle consumer writes nothing. All rows of one claim carry one token, which settles them. What has
-- expired is settled on the way, and where that was all of a slice, the next one is taken, for a second at most.
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
  v_now timestamptz;
  v_count bigint;
  v_until constant timestamptz := clock_timestamp() + interval '1 s';
begin
  perform howdah.require_read_committed('claim');
  perform howdah.check_claim(quantity, lease, owner);
  select s.* into v_sub from howdah.subscription s where s.name = claim.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', claim.subscription);
  end if;
  if v_sub.expires_after is not null then
    perform howdah.touch(v_sub);
  end if;
  loop
    v_where := howdah.look(v_sub, owner);
    exit when v_where is null;
    v_slice := howdah.take(v_sub, v_where, quantity, lease, owner);
    exit when v_slice.no is null;
    v_now := howdah.now();
    if v_slice.xids is null then
      return query select * from howdah.deliveries(v_slice, v_now);
    else
      return query select * from howdah.ordered_deliveries(v_slice, v_now);
    end if;
    get diagnostics v_count = row_count;
    exit when v_count = v_slice.n or not howdah.settle_expired(v_slice, v_now) or clock_timestamp() >= v_until;
  end loop;
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
-- The messages of a slice that are not settled yet nor expired at v_now, as they are handed out. Inlined into its callers.
-- The token and what is settled stand in selects of their own, which are made once: for each row anew each of them would be
-- a fifth of the work of a claim.
create or replace function howdah.deliveries(v_slice howdah.slice, v_now timestamptz) returns setof howdah.delivery
language sql stable
as $$
  select (select concat_ws('.', (v_slice).seg, (v_slice).sub, (v_slice).no, (v_slice).token)), m.position, m.id, m.topic,
    m.key, m.headers, m.payload, m.body, m.content_type, m.published_at, m.attempt + ((v_slice).attempt + 1)
  from howdah.messages_between((v_slice).src, (v_slice).from_pos, (v_slice).to_pos, (v_slice).low_seg, (v_slice).high_seg) m
  where ((v_slice).positions is null or m.position = any ((v_slice).positions))
    and (m.expires_at is null or m.expires_at > v_now)
    and not m.position = any (array(
      select unnest(p.positions) from howdah.part p
      where p.seg = (v_slice).seg and p.sub = (v_slice).sub and p.no = (v_slice).no))
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
-- Whether a message that has failed so often has no attempt left. Never, where max_attempts is null; a job has a limit of
-- its own.
create or replace function howdah.is_last(v_sub howdah.subscription, v_failures int, v_headers json) returns boolean
language sql immutable
as $$
  select coalesce(v_failures >= coalesce(
    case when v_sub.ordering = 'job' then howdah.job_number(v_headers, 'howdah.max-attempts') end, v_sub.max_attempts), false)
$$;

-- functions/delivery/look.sql
-- Where a claim would find something: 'return' or 'source' (positions after the cursor, or messages without one),
-- 'parked' (messages whose key is free again), 'free' (a slice whose lease has lapsed or that nobody owns), or null for
-- nothing, while it is paused, or while its limits permit nothing. The two streams have the first say in turns.
-- Locks nothing and takes no transaction id, except that it moves what is due into the log. Others may have taken what
-- it saw a moment later.
create or replace function howdah.look(v_sub howdah.subscription, v_owner text) returns text
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
  v_may text;
begin
  if v_sub.paused then
    return null;
  elsif howdah.is_due() then
    perform howdah.promote();
  end if;
  v_head := howdah.newest_slice(v_sub.id);
  if v_sub.limited then
    v_may := howdah.may_claim(v_sub, v_head, v_owner);
    if v_may is distinct from 'any' then
      return v_may;
    end if;
  end if;
  select e.* into strict v_epoch from howdah.epoch e order by e.no desc limit 1;
  select howdah.finished(pg_current_snapshot()) into v_finished;
  if v_sub.ordering = 'strict' and howdah.is_held_up(v_sub, howdah.busy_keys(v_head), v_now) then
    select * into v_low, v_high from howdah.floor_span(v_head);
    return (select 'free' where exists (select from howdah.free_slices(v_head, v_low, v_high, v_now)));
  end if;
  if v_epoch.birth <> (select b.id from howdah.birth b) then
    return 'source';
  elsif v_head.no % 2 = 0 and howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished) then
    return 'return';
  elsif (case when v_sub.filtered then howdah.has_hit(v_sub, v_head, v_epoch, v_finished)
      else howdah.has_more(v_sub.stream, v_head.source_at, v_epoch, v_finished) end) then
    return 'source';
  elsif v_head.no % 2 <> 0 and howdah.has_more(v_sub.return_stream, v_head.return_at, v_epoch, v_finished) then
    return 'return';
  elsif v_sub.ordering <> 'none' and howdah.has_parked(v_sub, v_head, v_now) then
    return 'parked';
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
-- (P0002), never a start. Looks at the current segment first, as newest_tick does. Nothing anywhere means that its segment
-- was emptied while this waited to read it, and its copy is too young for the caller's snapshot: newest_slice_now sees it.
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
    select s.* into v_slice from howdah.slice s where s.sub = v_sub order by s.no desc limit 1;
    if not found then
      v_slice := howdah.newest_slice_now(v_sub);
    end if;
  end if;
  return v_slice;
end
$$;

-- functions/delivery/newest_slice_now.sql
-- The newest slice of a subscription with a snapshot of its own, for newest_slice, which has the ring children locked: none
-- is emptied any more. Raises P0002 if there is none.
create or replace function howdah.newest_slice_now(v_sub int) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_slice howdah.slice;
begin
  select s.* into strict v_slice from howdah.slice s where s.sub = v_sub order by s.no desc limit 1;
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

-- functions/delivery/open_numbers.sql
-- The numbers of a subscription's open slices that are not in `held`, in order; v_head is its newest slice, and they lie
-- in the children v_low to v_high, which floor_span names. The first one is the floor of what is cut next. Inlined into
-- its callers, which pin the plan and stop at the first.
create or replace function howdah.open_numbers(v_head howdah.slice, v_low smallint, v_high smallint) returns setof bigint
language sql stable
as $$
  select s.no
  from howdah.slice s
  where s.seg between v_low and v_high and s.sub = (v_head).sub and s.no >= (v_head).floor and s.n > 0
    and not exists (select from howdah.held h where h.sub = s.sub and h.no = s.no offset 0)
    and not exists (
      select from howdah.closed c
      where c.seg between v_low and v_high and c.seg = s.seg and c.sub = s.sub and c.no = s.no
      offset 0)
  order by s.no
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
returns table (seg smallint, no bigint, token bigint, deadline timestamptz, src int, from_pos bigint, to_pos bigint, n bigint,
  owner text)
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
      select sum(cardinality(p.positions)) from howdah.part p where p.seg = s.seg and p.sub = s.sub and p.no = s.no), 0),
    case when h.no is null then s.owner else h.owner end
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

-- functions/delivery/ordered_deliveries.sql
-- deliveries() for a slice of an ordered subscription, which names where the log has each of its messages.
create or replace function howdah.ordered_deliveries(v_slice howdah.slice, v_now timestamptz)
returns setof howdah.delivery
language sql stable
as $$
  select (select concat_ws('.', (v_slice).seg, (v_slice).sub, (v_slice).no, (v_slice).token)), u.position, l.id, l.topic,
    l.key, l.headers, l.payload, l.body, l.content_type, l.published_at, l.attempt + ((v_slice).attempt + 1)
  from unnest((v_slice).positions, (v_slice).xids, (v_slice).seqs) u (position, xid, seq)
    cross join lateral (
      select * from howdah.log l
      where l.seg between (v_slice).low_seg and (v_slice).high_seg and l.stream = (v_slice).src and l.xid = u.xid
        and l.seq = u.seq
      offset 0
    ) l
  where (l.expires_at is null or l.expires_at > v_now)
    and not exists (
      select from howdah.part p
      where p.seg = (v_slice).seg and p.sub = (v_slice).sub and p.no = (v_slice).no and u.position = any (p.positions))
  order by u.position
$$;

-- functions/delivery/peek.sql
-- The next messages that are ready, without taking them: handed back first, then retries, then the stream; with in_flight
-- those that somebody has, too, as if they came again. It may give
-- positions to what has just been committed; nothing else changes. The token of each row is null.
-- Raises HD404, 22023, 0A000 outside of READ COMMITTED.
create or replace function howdah.peek(subscription text, quantity int default 10, in_flight boolean default false)
returns setof howdah.delivery
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
    where o.token = 0 or peek.in_flight
    union all
    select 0, 0, p.src, p.attempt, p.position
    from howdah.parked p
    where p.sub = v_sub.id
      and not exists (
        select from howdah.blocked b where b.sub = p.sub and b.key_hash = p.key_hash and b.due > howdah.now())
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
  where m.expires_at is null or m.expires_at > howdah.now()
  order by f.rank, f.no, f.position;
end
$$;

-- functions/delivery/peek_all.sql
-- peek() of all queues and subscriptions: up to `quantity` messages of each. Raises 22023, 0A000.
create or replace function howdah.peek_all(quantity int default 10, in_flight boolean default false)
returns table (
  subscription text,
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
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select s.name, p.position, p.id, p.topic, p.key, p.headers, p.payload, p.body, p.content_type, p.published_at, p.attempt
  from howdah.subscription s
    cross join lateral howdah.peek(s.name, peek_all.quantity, peek_all.in_flight) with ordinality
      p (token, position, id, topic, key, headers, payload, body, content_type, published_at, attempt, o)
  order by s.name, p.o;
end
$$;

-- functions/delivery/pop.sql
-- Hands out up to `quantity` messages and settles them as done in the same transaction: at most once, there is nothing to
-- settle, and what is lost on the way is lost. The token of each row is null. A rollback gives them back. Otherwise as claim,
-- also in what it raises.
create or replace function howdah.pop(subscription text, quantity int default 1, owner text default null)
returns setof howdah.delivery
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
as $$
declare
  v_row howdah.delivery;
  v_token text;
begin
  for v_row in select * from howdah.claim(pop.subscription, pop.quantity, '30 s', pop.owner) loop
    v_token := v_row.token;
    v_row.token := null;
    return next v_row;
  end loop;
  if v_token is not null then
    perform howdah.settle(v_token);
  end if;
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
-- How long a message waits that has failed so often (from 1): as the subscription's options say, with their jitter; a job
-- as create_job says. The only place that knows the formulas.
create or replace function howdah.retry_delay(v_sub howdah.subscription, v_failures int, v_headers json) returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select make_interval(secs => case
    when v_sub.ordering = 'job' and howdah.job_number(v_headers, 'howdah.max-backoff') is not null
      then least(howdah.job_number(v_headers, 'howdah.max-backoff') / 1e3::float8,
        (1 + 0.1 * (2 * random() - 1)) * (2 ^ least(v_failures - 1, 60) + 1))
    else (1 + v_sub.jitter * (2 * random() - 1)) * case v_sub.backoff
      when 'exponential' then least(extract(epoch from v_sub.delay_cap)::float8,
        extract(epoch from v_sub.delays[1])::float8 * 2 ^ least(v_failures - 1, 60))
      else extract(epoch from v_sub.delays[least(v_failures, cardinality(v_sub.delays))])::float8
    end
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
  v_now timestamptz;
  v_count bigint;
  v_until constant timestamptz := clock_timestamp() + interval '1 s';
begin
  perform howdah.require_read_committed('claim');
  perform howdah.check_claim(quantity, lease, owner);
  select s.* into v_sub from howdah.subscription s where s.name = settle_and_claim.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', settle_and_claim.subscription);
  end if;
  if v_sub.expires_after is not null then
    perform howdah.touch(v_sub);
  end if;
  v_slice := howdah.slice_of(token);
  if v_slice.no is null or not howdah.close_slice(v_slice, 'done') then
    raise notice using errcode = 'HD410', message = 'the lease had lapsed: these messages were handed to somebody else',
      hint = 'Take a longer lease, or renew it while the work goes on.';
  end if;
  loop
    v_where := howdah.look(v_sub, owner);
    exit when v_where is null;
    v_slice := howdah.take(v_sub, v_where, quantity, lease, owner);
    exit when v_slice.no is null;
    v_now := howdah.now();
    if v_slice.xids is null then
      return query select * from howdah.deliveries(v_slice, v_now);
    else
      return query select * from howdah.ordered_deliveries(v_slice, v_now);
    end if;
    get diagnostics v_count = row_count;
    exit when v_count = v_slice.n or not howdah.settle_expired(v_slice, v_now) or clock_timestamp() >= v_until;
  end loop;
end
$$;

-- functions/delivery/settle_expired.sql
-- Settles the messages of a slice that have expired at v_now and were hence not handed out: counts them, and keeps them as
-- dead letters where the subscription's options say so. Returns whether that was all there was, so the slice is closed. The
-- caller has the slice in this transaction. Writes one tally, and one part or closing row; nothing if none has expired.
create or replace function howdah.settle_expired(v_slice howdah.slice, v_now timestamptz) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
  v_gone bigint[];
  v_sub howdah.subscription;
begin
  v_gone := array(
    select m.position
    from howdah.slice_messages(v_slice) m
    where m.expires_at <= v_now and m.position in (select unnest(v_open))
    order by m.position);
  if cardinality(v_gone) = 0 then
    return false;
  end if;
  insert into howdah.tally (sub, what, n) values (v_slice.sub, 'expired', cardinality(v_gone));
  select s.* into strict v_sub from howdah.subscription s where s.id = v_slice.sub;
  if v_sub.rate is not null then
    perform howdah.take_off_handed(v_sub.id, cardinality(v_gone));
  end if;
  if v_sub.after_expiry = 'dead_letter' then
    insert into howdah.dead_letter (sub, position, attempts, reason, first_failed_at, failed_at, published_at, id, topic, key,
      headers, payload, body, content_type)
    select v_slice.sub, m.position, least(m.attempt::int + v_slice.attempt, 30000), 'expired',
      coalesce(m.failed_at, v_now), v_now, m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type
    from howdah.slice_messages(v_slice) m
    where m.position in (select unnest(v_gone))
    order by m.position;
  end if;
  if cardinality(v_gone) = cardinality(v_open) then
    return howdah.close_slice(v_slice, 'expired');
  end if;
  insert into howdah.part (seg, sub, no, positions) values (v_slice.seg, v_slice.sub, v_slice.no, v_gone);
  return false;
end
$$;

-- functions/delivery/settle_failures.sql
-- Moves messages that were retried, rejected, archived, or released one by one, to where they go: into the archive; dead
-- letters when rejected or
-- out of attempts (unless the subscription discards those: then they are counted), the log of the return stream when due
-- at once, else the schedule; parked, before all others of its key, where a failure blocks its key, or an order is kept.
-- Positions that are settled already are left out. The caller holds the slice's lock. The only place that decides what
-- becomes of a message that fails, whatever the contract.
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
    where i.outcome <> 'done' and (i.outcome <> 'release' or v_rest = 'open' or v_slice.xids is not null)
      and i.position in (select unnest(v_open))
  ), failed as materialized (
    select m.*, case when v_slice.src = v_sub.stream then m.position else m.origin end as came_from, i.outcome, i.reason,
      i.error,
      least(m.attempt::int + v_slice.attempt + (i.outcome <> 'release')::int, 30000) as attempts,
      case when i.outcome = 'release' then m.failed_at else coalesce(m.failed_at, b.first_failed_at, v_now) end
        as first_failed_at,
      v_slice.xids is not null and (i.outcome = 'release' or i.outcome = 'retry' and v_sub.blocking) as in_place,
      case
        when i.outcome = 'archive' then 'archive'
        when i.outcome = 'reject' then 'dead_letter'
        when i.outcome = 'retry' and howdah.is_last(v_sub, m.attempt::int + v_slice.attempt + 1, m.headers)
          then v_sub.after_last
      end as given_up,
      v_now + case
        when i.outcome = 'release' then interval '0'
        else coalesce(i.delay, howdah.retry_delay(v_sub, m.attempt::int + v_slice.attempt + 1, m.headers))
      end as due
    from howdah.slice_messages(v_slice) m
      join item i on i.position = m.position
      left join howdah.blocked b
        on b.sub = v_sub.id and b.key_hash = m.key_hash and b.src = v_slice.src and b.position = m.position
  ), parked as (
    insert into howdah.parked (sub, key_hash, at, src, position, xid, seq, attempt, seg)
    select v_sub.id, f.key_hash, '-infinity', v_slice.src, f.position, f.xid, f.seq,
      least(v_slice.attempt + (f.outcome = 'retry')::int, 30000), f.seg
    from failed f
    where f.in_place and coalesce(f.given_up, 'block') = 'block'
  ), blocked as (
    insert into howdah.blocked as k (sub, key_hash, key, src, position, attempts, due, reason, error, first_failed_at,
      failed_at,
      owner)
    select distinct on (f.key_hash) v_sub.id, f.key_hash, f.key, v_slice.src, f.position, f.attempts,
      case when f.given_up = 'block' then 'infinity' else f.due end, f.reason, f.error, f.first_failed_at,
      case when f.outcome = 'retry' then v_now end, v_slice.owner
    from failed f
    where f.in_place and coalesce(f.given_up, 'block') = 'block'
    order by f.key_hash, f.position
    on conflict (sub, key_hash) do update
    set src = excluded.src, position = excluded.position, attempts = excluded.attempts, due = excluded.due,
      reason = excluded.reason, error = excluded.error, first_failed_at = excluded.first_failed_at,
      failed_at = excluded.failed_at, owner = excluded.owner
  ), buried as (
    insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
      topic, key, headers, payload, body, content_type, owner)
    select v_sub.id, f.position, f.attempts,
      coalesce(f.reason, case f.outcome when 'reject' then 'rejected' else 'attempts used up' end), f.error,
      f.first_failed_at, v_now, f.published_at, f.id, f.topic, f.key, f.headers, f.payload, f.body, f.content_type,
      v_slice.owner
    from failed f
    where f.given_up = 'dead_letter'
    order by f.position
  ), archived as (
    insert into howdah.archive (sub, position, attempts, archived_at, published_at, id, topic, key, headers, payload, body,
      content_type, owner)
    select v_sub.id, f.position, f.attempts, v_now, f.published_at, f.id, f.topic, f.key, f.headers, f.payload, f.body,
      f.content_type, v_slice.owner
    from failed f
    where f.given_up = 'archive'
    order by f.position
  ), counted as (
    insert into howdah.tally (sub, what, n)
    select v_sub.id, 'discarded', count(*) from failed f where f.given_up = 'discard' having count(*) > 0
  ), scheduled as (
    insert into howdah.due (due, stream, sub, attempt, published_at, id, topic, key, headers, payload, body, content_type,
      reason, failed_at, expires_at, keeps_key, origin)
    select f.due, v_sub.return_stream, v_sub.id, f.attempts, f.published_at, f.id, f.topic, f.key, f.headers, f.payload,
      f.body, f.content_type, f.reason, f.first_failed_at, f.expires_at, f.keeps_key, f.came_from
    from failed f
    where f.given_up is null and f.due > v_now and not f.in_place
  )
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, body, content_type,
    failed_at, expires_at, keeps_key, origin)
  select v_seg, f.attempts, v_sub.return_stream, v_xid, v_blocks[1 + f.no / 8192] + f.no % 8192, f.published_at, f.id,
    f.topic, f.key, f.headers, f.payload, f.body, f.content_type, f.first_failed_at, f.expires_at, f.keeps_key, f.came_from
  from (
    select a.*, row_number() over (order by a.position) - 1 as no from failed a where a.given_up is null and a.due <= v_now
      and not a.in_place
  ) f;
end
$$;

-- functions/delivery/settle_items.sql
-- What settle() does when outcomes are given message by message. The caller holds the slice's lock.
--
-- Failures leave the slice at once, as a scheduled message of the return stream or as a dead letter, so they never pin
-- the log. What is released, or left by rest = release, goes back with the slice, less the part that is settled; only
-- with rest = open, where the slice stays with its owner, released messages come back through the return stream. In an
-- ordered subscription what is released, and what comes behind a message of its key that failed, is parked.
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
  v_ordered constant boolean := v_slice.xids is not null;
  v_behind bigint[];
  v_left bigint[];
begin
  perform howdah.check_items(v_slice, v_positions, v_outcomes, v_delays, v_reasons, v_errors);
  if v_ordered and v_outcomes && '{retry,release}' then
    v_behind := howdah.behind_failed(v_slice, v_open, v_positions, v_outcomes);
    v_positions := v_positions || v_behind;
    v_outcomes := v_outcomes || array_fill('release'::text, array[cardinality(v_behind)]);
  end if;
  v_left := array(
    select o.position
    from unnest(v_open) as o (position)
      left join unnest(v_positions, v_outcomes) as i (position, outcome) on i.position = o.position
    where case when i.position is null then v_rest <> 'done' else i.outcome = 'release' and v_rest <> 'open'
      and not v_ordered end
    order by o.position);

  if v_outcomes && '{retry,reject,archive}' or ((v_rest = 'open' or v_ordered) and v_outcomes && '{release}') then
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
-- treats it as a failure, and closes the slice; false if it may be tried again at once. The caller holds the slice's lock
-- and has counted the lapse in v_slice.attempt.
--
-- The wait parts a message that kills its consumer from those that were in the same hands each time it did: without it
-- they would come back together, die together and be given up together. It also keeps a fleet from dying as fast as it
-- can.
create or replace function howdah.settle_lapsed(v_sub howdah.subscription, v_slice howdah.slice) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
  v_message record;
begin
  select v_slice.attempt + m.attempt as attempts, m.headers into v_message
  from howdah.slice_messages(v_slice) m
  where m.position = v_open[1];
  if v_message.attempts < 3 and not howdah.is_last(v_sub, v_message.attempts, v_message.headers) then
    return false;
  end if;
  v_slice.attempt := v_slice.attempt - 1;
  perform howdah.settle_failures(v_slice, v_open, v_open, '{retry}', null, '{lapsed}',
    array[format('the lease lapsed without an answer; the last owner was %s', coalesce(v_slice.owner, 'unknown'))], 'done');
  return howdah.close_slice(v_slice, 'lapsed');
end
$$;

-- functions/delivery/slice_messages.sql
-- The messages of a slice, those that are settled too. One that names where the log has each of its messages is read by
-- look-ups: its positions may lie far apart. Inlined into its callers, which pin the plan.
create or replace function howdah.slice_messages(v_slice howdah.slice)
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
  expires_at timestamptz,
  keeps_key boolean,
  origin bigint,
  seq bigint,
  xid bigint,
  seg smallint,
  key_hash bigint
)
language sql stable
as $$
  select m.position, m.attempt, m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type,
    m.failed_at, m.expires_at, m.keeps_key, m.origin, m.seq, m.xid, m.seg, null::bigint
  from howdah.messages_between((v_slice).src, (v_slice).from_pos, (v_slice).to_pos, (v_slice).low_seg, (v_slice).high_seg) m
  where (v_slice).xids is null and ((v_slice).positions is null or m.position = any ((v_slice).positions))
  union all
  select u.position, l.attempt, l.published_at, l.id, l.topic, l.key, l.headers, l.payload, l.body, l.content_type,
    l.failed_at, l.expires_at, l.keeps_key, l.origin, l.seq, l.xid, l.seg, u.key
  from unnest((v_slice).positions, (v_slice).keys, (v_slice).xids, (v_slice).seqs) u (position, key, xid, seq)
    cross join lateral (
      select * from howdah.log l
      where l.seg between (v_slice).low_seg and (v_slice).high_seg and l.stream = (v_slice).src and l.xid = u.xid
        and l.seq = u.seq
      offset 0
    ) l
  where (v_slice).xids is not null
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
    case when piece.no = 0 then v_slice.token else 0 end, v_slice.deadline, howdah.now(), v_head.reaped_at,
    case when piece.no = 0 then v_slice.owner end,
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
-- waited for. The subscription is read again under its lock: it may have become filtered or paused meanwhile. Once a second
-- slices that lapsed or were handed back come first, even while there is new work; a clock that was set back must not keep
-- them waiting. When somebody else was faster, it looks once more, now under the lock.
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
  v_most int;
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
    if v_sub.single_active and not howdah.take_over(v_sub, v_head, v_owner) then
      return null;
    end if;
    if v_where = 'free' or v_head.reaped_at not between v_now - interval '1 s' and v_now then
      if v_head.no - v_head.floor > 1000 then
        perform howdah.hold_stragglers(v_head);
      end if;
      v_slice := howdah.take_back(v_sub, v_head, v_quantity, v_lease, v_owner);
      v_head.reaped_at := v_now;
    end if;
    if v_slice.no is null and v_where <> 'free' then
      v_most := case when v_sub.limited then howdah.permitted(v_sub, v_head, v_owner, v_quantity) else v_quantity end;
      if v_most > 0 and v_sub.ordering = 'none' then
        v_slice := howdah.cut(v_sub, v_head, v_where = 'return', v_most, v_lease, v_owner);
      elsif v_most > 0 then
        v_slice := howdah.cut_ordered(v_sub, v_head, v_where = 'return', v_most, v_lease, v_owner);
      end if;
    end if;
    exit when v_slice.no is not null;
    v_where := howdah.look(v_sub, v_owner);
    exit when v_where is null;
  end loop;
  if v_sub.limited and v_slice.no is not null then
    perform howdah.note_handed(v_sub, v_head, v_slice, v_quantity);
  end if;
  return v_slice;
end
$$;

-- functions/delivery/take_back.sql
-- Hands a slice that lapsed or was handed back to a new claimer.
--
-- The slice's row is locked first and looked at in the next statement: whoever closed it in between is seen, and a settle in
-- progress, even a prepared one, keeps its lock, so the slice is skipped and nobody waits. A take-over is a row in `held`
-- with a new token; the old token is void from then on. A slice that lapses is suspected to hold a message that kills its
-- consumer: it comes back whole once, then in halves, then one by one, so such a message ends alone, waits a while between
-- its attempts, and is a dead letter when they are used up. A slice larger than the claimer wants is cut into pieces too;
-- one of which nothing is left (two old snapshots settled a part each, and neither saw the other) is closed. Limits: a
-- lapsed slice is in flight already, so it needs no more permits than it has; if there are fewer now, all of it becomes
-- free. The caller holds the cutting lock; v_head is the newest slice. Returns a row of nulls when nothing could be taken.
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
  v_slots bigint := v_quantity;
  v_rated bigint := v_quantity;
  v_most bigint;
begin
  if v_sub.limited then
    select p.slots, p.rated into v_slots, v_rated from howdah.permit(v_sub, v_head, v_owner) p;
  end if;
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
      v_slots := v_slots + 1;
      continue;
    end if;
    v_most := least(v_quantity, v_rated, v_slots + case when v_lapsed then v_count else 0 end);
    if v_most < 1 then
      if v_lapsed then
        perform howdah.hand_back(v_slice);
        v_slots := v_slots + v_count;
      end if;
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
    if least(v_size, v_most) < v_count then
      return case when v_slice.xids is null then howdah.split(v_slice, v_head, least(v_size, v_most)::int)
        else howdah.split_ordered(v_slice, v_head, least(v_size, v_most)::int) end;
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
-- When the next scheduled message of a subscription falls due (a delay of its stream, one of its retries, or a
-- key that waits for one); null if
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
    (select min(d.due) from howdah.due d where d.stream = v_sub.return_stream),
    (select min(b.due) from howdah.blocked b
      where b.sub = v_sub.id and b.due > howdah.now() and b.due < 'infinity'));
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
    failed_at, expires_at, keeps_key, origin)
  select v_seg, d.attempt, d.stream, v_xid, v_block + row_number() over (order by d.due, d.no), d.published_at, d.id,
    d.topic, d.key, d.headers, d.payload, d.body, d.content_type, d.failed_at,
    d.expires_at, d.keeps_key, d.origin
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

-- functions/job/all_jobs.sql
-- The jobs of a scope, or of one queue of it, or the one of an id, or those in one state: what jobs and count_jobs choose
-- from. A state other than done, dead and scheduled costs as much as all of them (see open_jobs).
create or replace function howdah.all_jobs(v_sub howdah.subscription, v_queue text, v_id uuid, v_state text)
returns setof howdah.job
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select j.id, j.key, j.headers ->> 'howdah.action', j.payload, j.state, howdah.job_time(j.headers, j.published_at),
    j.published_at, make_interval(secs => howdah.job_number(j.headers, 'howdah.timeout') / 1e3),
    make_interval(secs => howdah.job_number(j.headers, 'howdah.max-backoff') / 1e3),
    coalesce(howdah.job_number(j.headers, 'howdah.max-attempts')::int, v_sub.max_attempts), j.attempts, j.attempted_at,
    j.attempted_by, nullif(concat_ws(': ', j.reason, j.error), ''), j.due, j.done_at
  from (
    select o.*, null::timestamptz as done_at
    from howdah.open_jobs(v_sub, v_queue) o
    where v_state is null or v_state not in ('scheduled', 'done', 'dead')
    union all
    select d.id, d.key, d.headers, d.payload, d.published_at,
      case when d.due > howdah.now() then 'scheduled' else 'available' end, d.attempt::int, null, null, null, null, d.due, null
    from howdah.due d
    where d.stream in (v_sub.stream, v_sub.return_stream) and d.recurring is null
      and (v_state is null or v_state not in ('done', 'dead'))
    union all
    select a.id, a.key, a.headers, a.payload, a.published_at, 'done', a.attempts, a.archived_at, a.owner, null, null, null,
      a.archived_at
    from howdah.archive a
    where a.sub = v_sub.id and (v_id is null or a.id = v_id) and (v_state is null or v_state = 'done')
    union all
    select l.id, l.key, l.headers, l.payload, l.published_at, 'dead', l.attempts, l.failed_at, l.owner, l.reason, l.error,
      null, null
    from howdah.dead_letter l
    where l.sub = v_sub.id and (v_id is null or l.id = v_id) and (v_state is null or v_state = 'dead')
  ) j
  where (v_queue is null or j.key = v_queue) and (v_id is null or j.id = v_id) and (v_state is null or j.state = v_state);
end
$$;

-- functions/job/behind_cursor.sql
-- What a subscription would read of a stream after position v_at, as it would be parked, as far as it has positions.
create or replace function howdah.behind_cursor(v_sub howdah.subscription, v_src int, v_at bigint)
returns setof howdah.parked
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_end constant bigint := howdah.last_position(v_src);
  v_window record;
begin
  while v_at < v_end loop
    v_window := howdah.read_window(v_sub, v_src, v_at, v_end, 2000);
    v_at := v_window.last;
    return query select m.* from unnest(v_window.messages) m;
  end loop;
end
$$;

-- functions/job/blocked_job.sql
-- The row in `blocked` of a job that has failed and waits for its next attempt, or for somebody to decide; a row of nulls
-- if it does not. Only a job that was tried can be one, so this looks at those, not at all that wait. The caller holds the
-- cutting lock.
create or replace function howdah.blocked_job(v_sub howdah.subscription, v_id uuid) returns howdah.blocked
language sql volatile
as $$
  select b
  from howdah.blocked b
    join howdah.parked p
      on p.sub = b.sub and p.key_hash = b.key_hash and p.at = '-infinity' and p.src = b.src and p.position = b.position
    cross join lateral (
      select m.id from howdah.log m where m.seg = p.seg and m.stream = p.src and m.xid = p.xid and m.seq = p.seq offset 0
    ) l
  where b.sub = v_sub.id and b.failed_at is not null and l.id = v_id
  limit 1
$$;

-- functions/job/cancel_job.sql
-- Takes a job back that is scheduled, waits, or waits for its next attempt: when this has committed it never runs (again),
-- and its queue goes on without it. False if it is running, over, or was never there: a job that runs is not stopped, but
-- if it fails it can be cancelled then. Raises HD404, HD409, 0A000, 55P03.
create or replace function howdah.cancel_job(scope text, id uuid) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub constant howdah.subscription := howdah.job_scope(cancel_job.scope);
  v_parked howdah.parked;
  v_blocked howdah.blocked;
begin
  delete from howdah.due d where d.id = cancel_job.id and d.stream in (v_sub.stream, v_sub.return_stream);
  if found then
    return true;
  end if;
  perform howdah.lock_job_scope(cancel_job.scope, 'cancel_job');
  v_parked := howdah.parked_job(v_sub, cancel_job.id);
  if v_parked.sub is null then
    return false;
  end if;
  select b.* into v_blocked
  from howdah.blocked b
  where b.sub = v_sub.id and b.key_hash = v_parked.key_hash and b.src = v_parked.src and b.position = v_parked.position;
  if found then
    perform howdah.free_blocked(v_blocked);
  else
    delete from howdah.parked p
    where p.sub = v_sub.id and p.key_hash = v_parked.key_hash and p.at = v_parked.at and p.src = v_parked.src
      and p.position = v_parked.position;
  end if;
  return true;
end
$$;

-- functions/job/check_job.sql
-- Refuses a job that cannot be, with one error (22023) that names everything that is wrong with it.
create or replace function howdah.check_job(
  v_queue text,
  v_action text,
  v_params json,
  v_timeout interval,
  v_max_backoff interval,
  v_max_attempts int,
  v_scheduled_at timestamptz
) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad constant text[] := array_remove(array[
    case when v_queue is null or octet_length(v_queue) not between 1 and 255 or v_queue ~ '[\x01-\x1f\x7f]'
      then 'queue must be 1 to 255 bytes without control characters' end,
    case when v_action is null or octet_length(v_action) not between 1 and 255 or v_action ~ '[\x01-\x1f\x7f]'
      then 'action must be 1 to 255 bytes without control characters' end,
    case when v_params is null then 'params must be JSON, for nothing the JSON value null or {}' end,
    case when v_timeout is null or v_timeout not between '10 ms' and '1 day'
      then format('timeout must be between 10 ms and 1 day but was %s', coalesce(v_timeout::text, 'null')) end,
    case when v_max_backoff is null or v_max_backoff not between '0' and '3653 days'
      then format('max_backoff must be between 0 and 10 years but was %s', coalesce(v_max_backoff::text, 'null')) end,
    case when v_max_attempts is null or v_max_attempts not between 1 and 30000
      then format('max_attempts must be between 1 and 30000 but was %s', coalesce(v_max_attempts::text, 'null')) end,
    case when not isfinite(v_scheduled_at) or v_scheduled_at > howdah.now() + interval '10 years'
      then format('scheduled_at must be at most 10 years ahead but was %s', v_scheduled_at) end], null);
begin
  if cardinality(v_bad) > 0 then
    raise exception using errcode = '22023', message = 'the job is not valid: ' || array_to_string(v_bad, '; '),
      hint = 'Nothing was created.';
  end if;
end
$$;

-- functions/job/count_jobs.sql
-- How many jobs of a scope a filter means (see find_jobs). Raises what find_jobs does.
create or replace function howdah.count_jobs(scope text, filter json default null) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select count(*) from howdah.find_jobs(count_jobs.scope, count_jobs.filter));
end
$$;

-- functions/job/create_job.sql
-- Creates a job in the caller's transaction and returns its id. Its queue comes to exist by that, and so does its scope.
--
-- One job of a queue runs at a time, in the order of (scheduled_at, creation); one for later holds up nobody, and one for
-- a time that is past goes before those for later times, but never before one that was tried already. A job that fails
-- waits (2^failures + 1) s, ±10 %, at most max_backoff, and holds up its queue until then; after max_attempts it is a dead
-- letter. `timeout` is how long the performer lets it run.
-- Writes one row. Raises 22023 with everything that is wrong, HD409 if the scope is a queue of another kind, and what
-- publish_many does.
create or replace function howdah.create_job(
  scope text,
  queue text,
  action text,
  params json default '{}',
  timeout interval default '60 s',
  max_backoff interval default '24 h',
  max_attempts int default 20,
  scheduled_at timestamptz default null
) returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform howdah.check_job(create_job.queue, create_job.action, create_job.params, create_job.timeout,
    create_job.max_backoff, create_job.max_attempts, create_job.scheduled_at);
  if not exists (select from howdah.subscription s where s.name = create_job.scope and s.ordering = 'job') then
    perform howdah.create_job_scope(create_job.scope);
  end if;
  return (howdah.publish_many(
    create_job.scope,
    array[create_job.params::text],
    keys => array[create_job.queue],
    headers => array[json_strip_nulls(json_build_object(
      'howdah.action', create_job.action,
      'howdah.timeout', ceil(extract(epoch from create_job.timeout) * 1000)::bigint::text,
      'howdah.max-backoff', ceil(extract(epoch from create_job.max_backoff) * 1000)::bigint::text,
      'howdah.max-attempts', create_job.max_attempts::text,
      'howdah.at', case when create_job.scheduled_at is not null
        then greatest(extract(epoch from create_job.scheduled_at) * 1000000, 0)::bigint::text end))::text],
    dues => array[create_job.scheduled_at]))[1];
end
$$;

-- functions/job/create_job_scope.sql
-- Creates a scope of job queues and returns its subscription's id: an ordered queue of this name, in which each job queue
-- is a key. Options are those of a queue; finished jobs are kept for `archive_retention`, 7 days if it is not given. An
-- existing scope stays as it is. create_job calls it for the first job of a scope. Raises 22023, 0A000, HD409 if the name
-- belongs to something else.
create or replace function howdah.create_job_scope(scope text, options json default null) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_given constant jsonb := '{"ordering": "job", "archive_retention": "7 days"}'::jsonb
    || coalesce(create_job_scope.options::jsonb, '{}');
  v_sub howdah.subscription;
begin
  if v_given ->> 'ordering' <> 'job' or jsonb_typeof(v_given) <> 'object' or v_given -> 'blocking' = 'false' then
    raise exception using errcode = '22023', message = 'a scope of jobs has the ordering job, and blocks',
      hint = 'Leave ordering and blocking out; a queue with another order is made with howdah.create_queue.';
  end if;
  perform howdah.create_queue(create_job_scope.scope, v_given::json);
  select s.* into v_sub from howdah.subscription s where s.name = create_job_scope.scope;
  if v_sub.ordering <> 'job' then
    raise exception using errcode = 'HD409',
      message = format('"%s" is a queue already, and not a scope of jobs', create_job_scope.scope),
      hint = 'Choose another name for the scope.';
  end if;
  return v_sub.id;
end
$$;

-- functions/job/find_jobs.sql
-- The jobs of a scope that a filter means. The one place that knows the filter: {"id", "queue", "action", "state",
-- "available", "text"}; all that are given have to hold. text is looked for in queue, action and params, whatever the
-- case. Never looks beyond the scope. Raises HD404, HD409, 22023 for an unknown member or a value that cannot be, 0A000.
create or replace function howdah.find_jobs(v_scope text, v_filter json)
returns setof howdah.job
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub constant howdah.subscription := howdah.job_scope(v_scope);
  v_given constant jsonb := coalesce(v_filter, '{}');
  v_bad text;
  v_id uuid;
begin
  perform howdah.require_read_committed('jobs');
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'a filter must be a JSON object',
      hint = 'For example {"queue": "mail", "state": "retrying"}; {} means all.';
  end if;
  select f.key into v_bad
  from jsonb_each(v_given) f
  where f.key not in ('id', 'queue', 'action', 'state', 'available', 'text')
    or jsonb_typeof(f.value) <> case f.key when 'available' then 'boolean' else 'string' end
    or f.key = 'state' and f.value #>> '{}' not in ('scheduled', 'available', 'waiting', 'running', 'retrying', 'blocked',
      'done', 'dead')
  order by f.key limit 1;
  if found then
    raise exception using errcode = '22023', message = format('a filter cannot have this member: "%s"', left(v_bad, 80)),
      hint = 'Members are id, queue, action, text (texts), available (true or false), and state: scheduled, available, '
        'waiting, running, retrying, blocked, done or dead.';
  end if;
  begin
    v_id := v_given ->> 'id';
  exception
    when data_exception then
      raise exception using errcode = '22023', message = 'a filter holds what is no id', hint = 'An id is a UUID.';
  end;
  perform howdah.sequence_stream(s.stream)
  from unnest(array[v_sub.stream, v_sub.return_stream]) s (stream)
  where (howdah.unsequenced(s.stream, 1)).n > 0;
  return query
  select j.*
  from howdah.all_jobs(v_sub, v_given ->> 'queue', v_id, v_given ->> 'state') j
  where (not v_given ? 'action' or j.action = v_given ->> 'action')
    and (not v_given ? 'available' or (j.state = 'available') = (v_given ->> 'available')::boolean)
    and (not v_given ? 'text' or position(lower(v_given ->> 'text') in lower(concat_ws(' ', j.queue, j.action,
      j.params::text))) > 0);
end
$$;

-- functions/job/job_number.sql
-- A number that a job keeps in a header; null if it has none, or what is there is no number: a message that was published
-- to a scope by hand must not make its claim or settle fail.
create or replace function howdah.job_number(v_headers json, v_name text) returns bigint
language sql immutable
as $$ select case when v_headers ->> v_name ~ '^\d{1,17}$' then (v_headers ->> v_name)::bigint end $$;

-- functions/job/job_scope.sql
-- The subscription behind a scope of jobs. Raises HD404 for an unknown one, HD409 if it is a queue of another kind.
create or replace function howdah.job_scope(v_scope text) returns howdah.subscription
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  select s.* into v_sub from howdah.subscription s where s.name = v_scope;
  if not found then
    raise exception using errcode = 'HD404',
      message = format('scope "%s" does not exist',
        coalesce(regexp_replace(left(v_scope, 255), '[[:cntrl:]]', '?', 'g'), '(null)')),
      hint = 'Its first job makes it, or howdah.create_job_scope(scope); or correct the name.';
  elsif v_sub.ordering <> 'job' then
    raise exception using errcode = 'HD409', message = format('"%s" is a queue of messages, not a scope of jobs', v_scope),
      hint = 'Jobs are in scopes that howdah.create_job or howdah.create_job_scope has made.';
  end if;
  return v_sub;
end
$$;

-- functions/job/job_time.sql
-- The time by which a job stands in its queue: its header howdah.at (microseconds since 1970), else when it was created.
create or replace function howdah.job_time(v_headers json, v_published_at timestamptz) returns timestamptz
language sql immutable
as $$
  select coalesce('1970-01-01 00:00:00+00'::timestamptz
    + make_interval(secs => howdah.job_number(v_headers, 'howdah.at') / 1e6), v_published_at)
$$;

-- functions/job/jobs.sql
-- The jobs of a scope that a filter means (see find_jobs), in the order of queue, scheduled_at and creation, page by page:
-- up to `quantity` of them after the first `start`. Each row has the number of all that the filter means as `total`.
-- attempts are those that ended; attempted_at is when the last one ended, or the running one began. Changes nothing, but
-- may give positions to what was just committed. Raises what find_jobs does, 22023.
create or replace function howdah.jobs(scope text, filter json default null, quantity int default 100, start bigint default 0)
returns table (
  id uuid,
  queue text,
  action text,
  params json,
  state text,
  scheduled_at timestamptz,
  created_at timestamptz,
  timeout interval,
  max_backoff interval,
  max_attempts int,
  attempts int,
  attempted_at timestamptz,
  attempted_by text,
  error text,
  next_attempt timestamptz,
  done_at timestamptz,
  total bigint
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  perform howdah.check_page(jobs.quantity);
  return query
  select j.*, count(*) over ()
  from howdah.find_jobs(jobs.scope, jobs.filter) j
  order by j.queue collate "C", j.scheduled_at, j.created_at, j.id
  limit jobs.quantity
  offset greatest(coalesce(jobs.start, 0), 0);
end
$$;

-- functions/job/lock_job_scope.sql
-- A scope of jobs with its cutting lock held until the end of the transaction, and with all that is committed parked:
-- what waits can be found among the parked then, and nobody hands it out. Raises HD404, HD409, 0A000, 55P03 when another
-- session has been sequencing for a second.
create or replace function howdah.lock_job_scope(v_scope text, v_what text) returns howdah.subscription
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription := howdah.job_scope(v_scope);
  v_head howdah.slice;
  v_source bigint;
  v_return bigint;
begin
  v_sub := howdah.lock_subscription(v_scope, v_what);
  if num_nulls((howdah.sequence_stream(v_sub.stream)).first, (howdah.sequence_stream(v_sub.return_stream)).first) > 0 then
    raise exception using errcode = '55P03', message = format('"%s" is being sequenced by another session', v_scope),
      hint = 'Try again; look for a session that is idle in transaction after a claim.';
  end if;
  v_head := howdah.newest_slice(v_sub.id);
  v_source := howdah.park_all(v_sub, v_sub.stream, v_head.source_at);
  v_return := howdah.park_all(v_sub, v_sub.return_stream, v_head.return_at);
  if v_source > v_head.source_at or v_return > v_head.return_at then
    perform howdah.move_cursor(v_head, v_source, v_return);
  end if;
  return v_sub;
end
$$;

-- functions/job/open_jobs.sql
-- The jobs of a scope, or of one queue of it, that are in the log and not over, each with its state: running; retrying
-- (failed, waits for its next attempt) or blocked (failed, waits for somebody to decide); waiting (behind another one of
-- its queue); available. Not those that are scheduled. All in the snapshot of the caller's statement, so that a job that
-- moves on meanwhile is seen once. Takes time for each job that waits in the scope, unless a queue is given.
create or replace function howdah.open_jobs(v_sub howdah.subscription, v_queue text)
returns table (
  id uuid,
  key text,
  headers json,
  payload json,
  published_at timestamptz,
  state text,
  attempts int,
  attempted_at timestamptz,
  attempted_by text,
  reason text,
  error text,
  due timestamptz
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_hash constant bigint := howdah.key_hash('job', v_queue, 0);
  v_now constant timestamptz := howdah.now();
  v_head constant howdah.slice := howdah.newest_slice(v_sub.id);
begin
  return query
  with waiting as materialized (
    select p.* from howdah.parked p where p.sub = v_sub.id and (v_queue is null or p.key_hash = v_hash)
    union all
    select c.*
    from unnest(array[v_sub.stream, v_sub.return_stream], array[v_head.source_at, v_head.return_at]) s (src, at)
      cross join lateral howdah.behind_cursor(v_sub, s.src, s.at) c
    where v_queue is null or c.key_hash = v_hash
  ), running as materialized (
    select coalesce(h.token, s.token) as token, coalesce(h.attempt, s.attempt) as attempt,
      coalesce(h.owner, s.owner) as owner, s.at, s.src, m.position, m.key_hash, m.attempt as before, m.id, m.key,
      m.headers, m.payload, m.published_at
    from howdah.open_slices(v_head) o
      join howdah.slice s on s.seg = o.seg and s.sub = v_sub.id and s.no = o.no
      left join howdah.held h on h.sub = s.sub and h.no = s.no
      cross join lateral howdah.slice_messages(s) m
    where (v_queue is null or m.key_hash = v_hash) and m.position in (select unnest(howdah.open_positions(s)))
  ), ranked as (
    select w.*, row_number() over (partition by w.key_hash order by w.at, w.src, w.position) as nth from waiting w
  )
  select l.id, l.key, l.headers, l.payload, l.published_at,
    case
      when h.due = 'infinity' then 'blocked'
      when h.due > v_now then 'retrying'
      when w.nth > 1 or w.key_hash in (select r.key_hash from running r)
          or exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = w.key_hash and b.due > v_now)
        then 'waiting'
      else 'available'
    end,
    l.attempt::int + w.attempt, h.failed_at, h.owner, h.reason, h.error, nullif(h.due, 'infinity')
  from ranked w
    cross join lateral (
      select * from howdah.log m where m.seg = w.seg and m.stream = w.src and m.xid = w.xid and m.seq = w.seq offset 0
    ) l
    left join howdah.blocked h
      on h.sub = v_sub.id and h.key_hash = w.key_hash and h.src = w.src and h.position = w.position
        and h.failed_at is not null
  union all
  select r.id, r.key, r.headers, r.payload, r.published_at, case when r.token = 0 then 'available' else 'running' end,
    r.before::int + r.attempt, r.at, r.owner, h.reason, h.error, null
  from running r
    left join howdah.blocked h
      on h.sub = v_sub.id and h.key_hash = r.key_hash and h.src = r.src and h.position = r.position;
end
$$;

-- functions/job/park_all.sql
-- Parks all that a scope of jobs would read of a stream after position v_at; returns where it has come to. The caller
-- holds the cutting lock and moves the cursor.
create or replace function howdah.park_all(v_sub howdah.subscription, v_src int, v_at bigint) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_from bigint;
begin
  loop
    v_from := v_at;
    v_at := (howdah.look_ahead(v_sub, v_src, '{}', 1, v_from)).v_at;
    exit when v_at = v_from;
  end loop;
  return v_at;
end
$$;

-- functions/job/parked_job.sql
-- Where a job of a scope is parked; a row of nulls if it is not. The caller holds the cutting lock (see lock_job_scope).
-- Takes time for each job that waits in the scope.
create or replace function howdah.parked_job(v_sub howdah.subscription, v_id uuid) returns howdah.parked
language sql volatile
as $$
  select p
  from howdah.parked p
    cross join lateral (
      select m.id from howdah.log m where m.seg = p.seg and m.stream = p.src and m.xid = p.xid and m.seq = p.seq offset 0
    ) l
  where p.sub = v_sub.id and l.id = v_id
  limit 1
$$;

-- functions/job/retry_job.sql
-- Has a job tried at once that waits for its next attempt, its attempts counting on; starts one that is scheduled for
-- later, and one that is dead from the beginning, both as soon as their queue is free. False if it is none of these.
-- Raises HD404, HD409, 0A000.
create or replace function howdah.retry_job(scope text, id uuid) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription := howdah.job_scope(retry_job.scope);
  v_blocked howdah.blocked;
begin
  update howdah.due d set due = howdah.now()
  where d.id = retry_job.id and d.stream in (v_sub.stream, v_sub.return_stream) and d.due > howdah.now();
  if found then
    return true;
  end if;
  v_sub := howdah.lock_subscription(retry_job.scope, 'retry_job');
  v_blocked := howdah.blocked_job(v_sub, retry_job.id);
  if v_blocked.sub is not null then
    update howdah.blocked b set due = howdah.now() where b.sub = v_sub.id and b.key_hash = v_blocked.key_hash;
    return true;
  end if;
  return howdah.redrive(retry_job.scope, json_build_object('ids', array[retry_job.id])) > 0;
end
$$;

-- functions/job/skip_job.sql
-- Gives up a job that waits for its next attempt and holds up its queue: it becomes a dead letter, the queue goes on. False
-- if it does not. Raises HD404, HD409, 0A000.
create or replace function howdah.skip_job(scope text, id uuid, reason text default 'skipped') returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription := howdah.job_scope(skip_job.scope);
  v_blocked howdah.blocked;
begin
  v_sub := howdah.lock_subscription(skip_job.scope, 'skip_job');
  v_blocked := howdah.blocked_job(v_sub, skip_job.id);
  if v_blocked.sub is null then
    return false;
  end if;
  perform howdah.reject_blocked(skip_job.scope, v_blocked.key, skip_job.reason);
  return true;
end
$$;

-- functions/limit/forget_handed.sql
-- Forgets what was handed out so long ago that no rate counts it; part of housekeep. The newest of these rows stays: it says
-- how much had been handed out by then.
create or replace function howdah.forget_handed(v_now timestamptz) returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  delete from howdah.handed h
  using howdah.subscription s
  where h.sub = s.id
    and (s.rate is null or h.total < (
      select b.total from howdah.handed b
      where b.sub = s.id and b.at < v_now - 2 * s.rate_period
      order by b.at desc
      limit 1));
  delete from howdah.started_late l
  where l.started_at < v_now - 2 * coalesce((select s.rate_period from howdah.subscription s where s.id = l.sub), '0')
$$;

-- functions/limit/handed_by.sql
-- How many messages a subscription with a rate had handed out in all by a time; what housekeep has forgotten was before.
create or replace function howdah.handed_by(v_sub int, v_at timestamptz) returns bigint
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
  return coalesce(
    (select h.total from howdah.handed h where h.sub = v_sub and h.at <= v_at order by h.at desc, h.total desc limit 1),
    (select h.total from howdah.handed h where h.sub = v_sub order by h.total limit 1));
end
$$;

-- functions/limit/may_claim.sql
-- look() for what limits say: 'any' (a claim may take what there is), 'free' (only what has lapsed, which is in flight
-- already), or null (nothing, with a notice HD429 whose detail says for how many microseconds, if that is known). Locks and
-- writes nothing, so consumers that wait do not disturb. Raises 22023 for a claim without an owner where one consumer at a
-- time is active.
create or replace function howdah.may_claim(v_sub howdah.subscription, v_head howdah.slice, v_owner text) returns text
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
  v_permit record;
begin
  if v_sub.single_active and v_owner is null then
    raise exception using errcode = '22023',
      message = format('a claim of "%s" needs an owner: one consumer at a time is active there', v_sub.name),
      hint = 'Give owner => a name that no other consumer has, such as a host and a process id.';
  end if;
  select p.* into v_permit from howdah.permit(v_sub, v_head, v_owner) p;
  if v_permit.active is null and v_permit.rated > 0 and (v_permit.slots > 0 or v_permit.lapsed) then
    return case when v_permit.slots > 0 then 'any' else 'free' end;
  end if;
  perform howdah.tell_limit(v_sub, v_permit.active, v_permit.slots, v_permit.next_at);
  return null;
end
$$;

-- functions/limit/next_permit.sql
-- When a subscription's rate permits the next delivery; null if it does now, or has no rate. Raises HD404.
create or replace function howdah.next_permit(subscription text) returns timestamptz
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
begin
  select s.* into v_sub from howdah.subscription s where s.name = next_permit.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', next_permit.subscription);
  end if;
  return (select r.next_at from howdah.rate_room(v_sub, howdah.now()) r where v_sub.rate is not null);
end
$$;

-- functions/limit/note_handed.sql
-- Writes down what a limited subscription has just handed out, so that its rate counts it, and tells the claimer that there
-- is a rate, or that he got less than he wanted because enough is in flight. One row for a claim, however many messages. The
-- time is that of the row before if the clock was set back a little; if it was set back far, what lies in the future is
-- forgotten. The caller holds the cutting lock; v_head was the newest slice before.
create or replace function howdah.note_handed(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_slice howdah.slice,
  v_quantity int
) returns void
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
  v_count constant int := cardinality(howdah.open_positions(v_slice));
  v_now constant timestamptz := howdah.now();
  v_last howdah.handed;
  v_permit record;
begin
  if v_sub.rate is not null then
    select h.* into v_last from howdah.handed h where h.sub = v_sub.id order by h.total desc limit 1;
    if not found then
      insert into howdah.handed (sub, total, at) values (v_sub.id, 0, '-infinity');
    elsif v_last.at > v_now + 2 * v_sub.rate_period then
      delete from howdah.handed h where h.sub = v_sub.id and h.at > v_now;
      v_last.at := v_now;
    end if;
    insert into howdah.handed (sub, total, at)
    values (v_sub.id, coalesce(v_last.total, 0) + v_count, greatest(v_now, v_last.at));
  end if;
  if v_sub.rate is not null or v_count < v_quantity then
    select p.* into v_permit from howdah.permit(v_sub, v_head, v_slice.owner) p;
    if v_sub.rate is not null or v_permit.slots < 1 then
      perform howdah.tell_limit(v_sub, null, v_permit.slots, v_permit.next_at);
    end if;
  end if;
end
$$;

-- functions/limit/permit.sql
-- What a limited subscription permits to hand out now: `slots` messages by its concurrency, `rated` by its rate (neither
-- above 2147483647; below 1 means none), when the rate permits more; whether leases have lapsed; and, where one consumer at a
-- time is active and it is not v_owner, which one that is.
--
-- A message is in flight until it is settled or handed out again: a lapsed lease may still be renewed, so it counts. Both
-- only grow under the cutting lock, so under it this is exact, and without it a guess. v_head is the newest slice.
create or replace function howdah.permit(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_owner text,
  out slots bigint,
  out rated bigint,
  out next_at timestamptz,
  out lapsed boolean,
  out active text
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
  v_now constant timestamptz := howdah.now();
  v_rate record;
begin
  slots := 2147483647;
  rated := slots;
  lapsed := false;
  if v_sub.rate is not null then
    select r.* into v_rate from howdah.rate_room(v_sub, v_now) r;
    rated := v_rate.room;
    next_at := v_rate.next_at;
  end if;
  if v_sub.concurrency is not null or v_sub.single_active then
    select coalesce(v_sub.concurrency, slots) - coalesce(sum(o.n), 0), coalesce(bool_or(o.deadline < v_now), false),
      min(coalesce(o.owner, 'somebody without a name'))
        filter (where v_sub.single_active and o.deadline >= v_now and o.owner is distinct from v_owner)
    into slots, lapsed, active
    from howdah.open_slices(v_head) o
    where o.token <> 0;
  end if;
end
$$;

-- functions/limit/permitted.sql
-- How many of v_quantity messages a claim of a limited subscription may cut. The caller holds the cutting lock, under which
-- this is exact; v_head is the newest slice.
create or replace function howdah.permitted(
  v_sub howdah.subscription,
  v_head howdah.slice,
  v_owner text,
  v_quantity int
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select greatest(least(v_quantity, p.slots, p.rated), 0) from howdah.permit(v_sub, v_head, v_owner) p);
end
$$;

-- functions/limit/rate_room.sql
-- How many messages a subscription's rate permits to hand out now, and, if that is none, when there will be some.
--
-- What was handed out within the last period counts, and what consumers say they have started later counts from then on,
-- too. What they do not say, a few milliseconds more or less between the delivery of a message and its start, must not
-- make a period of starts show more than the rate: so the window is 2.5 % longer than the period, and of that, one in a
-- hundred messages is left out instead. For the same reason a short period is not used up in one burst: in a fiftieth of
-- it up to twice its share is permitted. Who waits is told to come when half of that is there.
-- After a clock was set back by more than the window, nothing counts.
create or replace function howdah.rate_room(
  v_sub howdah.subscription,
  v_now timestamptz,
  out room bigint,
  out next_at timestamptz
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
  v_most constant int := v_sub.rate - v_sub.rate / 100;
  v_window constant interval := v_sub.rate_period * (1.025 * v_most / v_sub.rate);
  v_burst constant int := case when v_sub.rate_period < '5 s' then greatest(1, v_sub.rate / 25) else v_most end;
  v_moment constant interval := v_sub.rate_period / 50;
  v_clump constant int := greatest(1, v_sub.rate / 50);
  v_last howdah.handed;
  v_late record;
begin
  select h.* into v_last from howdah.handed h where h.sub = v_sub.id order by h.total desc limit 1;
  if not found or v_last.at > v_now + v_window then
    room := least(v_most, v_burst);
    return;
  end if;
  select coalesce(sum(l.n), 0) as n, min(l.started_at) + v_window as until into v_late
  from howdah.started_late l
  where l.sub = v_sub.id and l.started_at > v_now - v_window and l.handed_at <= v_now - v_window;
  room := least(
    v_most - v_last.total + howdah.handed_by(v_sub.id, v_now - v_window) - v_late.n,
    v_burst - v_last.total + howdah.handed_by(v_sub.id, v_now - v_moment));
  if room < 1 then
    select max(n.at) into next_at
    from (values (v_most, v_window), (v_burst, v_moment)) l (most, span)
      cross join lateral (
        select h.at + l.span as at
        from howdah.handed h
        where h.sub = v_sub.id and h.total >= v_last.total - l.most + least(v_clump, l.most)
        order by h.total
        limit 1) n;
    next_at := greatest(next_at, v_late.until);
  end if;
end
$$;

-- functions/limit/started_late.sql
-- Tells a subscription with a rate that messages were started by their consumer only so long after they were handed out, so
-- that its periods count them from then on, too. `ago`: how long ago they were started. A hint, taken as it is: it can
-- only hold deliveries back. Writes one row, and nothing without a rate. Raises HD404, 22023.
create or replace function howdah.started_late(
  subscription text,
  messages int,
  late interval,
  ago interval default '0'
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub howdah.subscription;
  v_started constant timestamptz := howdah.now() - started_late.ago;
begin
  if coalesce(started_late.messages not between 1 and 10000 or started_late.late not between '0' and '1 day'
      or started_late.ago not between '0' and '1 day', true) then
    raise exception using errcode = '22023', message = 'started_late takes 1 to 10000 messages and times of up to 1 day',
      hint = 'Say how many messages of one claim were started, how long after it, and how long ago.';
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = started_late.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', started_late.subscription);
  end if;
  insert into howdah.started_late (sub, handed_at, started_at, n)
  select v_sub.id, v_started - started_late.late, v_started, started_late.messages
  where v_sub.rate is not null;
end
$$;

-- functions/limit/take_off_handed.sql
-- Takes messages off what a subscription with a rate has handed out last: they were claimed, but have expired, so nobody got
-- them. The caller has claimed them in this transaction and holds the cutting lock.
create or replace function howdah.take_off_handed(v_sub int, v_count int) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
  v_last howdah.handed;
begin
  select h.* into v_last from howdah.handed h where h.sub = v_sub order by h.total desc limit 1;
  if exists (select from howdah.handed h where h.sub = v_sub and h.total = v_last.total - v_count) then
    delete from howdah.handed h where h.sub = v_sub and h.total = v_last.total;
  else
    update howdah.handed h set total = h.total - v_count where h.sub = v_sub and h.total = v_last.total;
  end if;
end
$$;

-- functions/limit/take_over.sql
-- Whether v_owner may be the one consumer that is active now: nobody else has anything in flight, or all that others have has
-- lapsed. Then it is made his, tokens and all, for take_back to hand out: a consumer that was thought dead cannot renew one
-- lease while another is taken from it. One that is being settled at this moment is waited for by the next claim.
-- The caller holds the cutting lock; v_head is the newest slice.
create or replace function howdah.take_over(v_sub howdah.subscription, v_head howdah.slice, v_owner text) returns boolean
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
  v_now constant timestamptz := howdah.now();
begin
  if exists (
    select from howdah.open_slices(v_head) o
    where o.token <> 0 and o.deadline >= v_now and o.owner is distinct from v_owner)
  then
    return false;
  end if;
  for v_no in
    select o.no from howdah.open_slices(v_head) o where o.token <> 0 and o.owner is distinct from v_owner
  loop
    perform from howdah.slice s where s.sub = v_sub.id and s.no = v_no for update skip locked;
    if not found then
      return false;
    end if;
    v_slice := howdah.open_slice(v_sub.id, v_no);
    continue when v_slice.no is null or v_slice.token = 0;
    if v_slice.deadline >= v_now then
      return false;
    end if;
    insert into howdah.held as h (sub, no, seg, attempt, token, deadline, owner)
    values (v_slice.sub, v_slice.no, v_slice.seg, v_slice.attempt, howdah.new_secret(), v_slice.deadline, v_owner)
    on conflict (sub, no) do update set token = excluded.token, owner = excluded.owner;
  end loop;
  return true;
end
$$;

-- functions/limit/tell_limit.sql
-- Tells a claimer, by a notice HD429, that there is a limit: of what is in flight; or of a rate, with the microseconds
-- until it permits more as the detail; or, with v_active, of one consumer that is active.
create or replace function howdah.tell_limit(
  v_sub howdah.subscription,
  v_active text,
  v_slots bigint,
  v_next timestamptz
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_micros constant bigint := greatest(ceil(extract(epoch from v_next - howdah.now()) * 1000000), 0);
begin
  if v_active is not null then
    raise notice using errcode = 'HD429', message = format('"%s" is being consumed by %s', v_sub.name, v_active),
      hint = 'One consumer at a time is active; another takes over when it has settled everything, or its leases lapse.';
  elsif v_slots < 1 then
    raise notice using errcode = 'HD429',
      message = format('%s messages of "%s" are in flight, which is its concurrency', v_sub.concurrency, v_sub.name),
      hint = 'Claim again when some of them have been settled.';
  else
    raise notice using errcode = 'HD429',
      message = format('"%s" hands out %s messages within %s at most', v_sub.name, v_sub.rate, v_sub.rate_period),
      detail = v_micros, hint = 'Claim again after so many microseconds.';
  end if;
end
$$;

-- functions/ordering/behind_failed.sql
-- Which open messages of a slice come behind one of their key that is to come again, and are not named themselves: they
-- must not go before it. Where failures block nobody only a message that is released holds up those behind it.
create or replace function howdah.behind_failed(
  v_slice howdah.slice,
  v_open bigint[],
  v_positions bigint[],
  v_outcomes text[]
) returns bigint[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with message as (
    select u.position, u.key, i.outcome
    from unnest(v_slice.positions, v_slice.keys) u (position, key)
      left join unnest(v_positions, v_outcomes) i (position, outcome) on i.position = u.position
    where u.position in (select unnest(v_open))
  )
  select array(
    select m.position
    from message m
      join (
        select f.key, min(f.position) as position
        from message f
        where f.outcome = 'release'
          or f.outcome = 'retry' and (select s.blocking from howdah.subscription s where s.id = v_slice.sub)
        group by f.key
      ) first on first.key = m.key and first.position < m.position
    where m.outcome is null
    order by m.position)
$$;

-- functions/ordering/blocked_keys.sql
-- The keys of an ordered subscription that are blocked, the longest first: the message that holds each up, how often it
-- failed, when it is tried again ('infinity': when somebody says so), and how many messages wait, itself included. A key
-- whose first message is being tried at this moment is not among them. Raises HD404, 22023.
create or replace function howdah.blocked_keys(subscription text, quantity int default 100)
returns table (
  key text,
  "position" bigint,
  id uuid,
  topic text,
  attempts int,
  due timestamptz,
  reason text,
  error text,
  first_failed_at timestamptz,
  failed_at timestamptz,
  waiting bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_sub int;
begin
  perform howdah.check_page(blocked_keys.quantity);
  select s.id into v_sub from howdah.subscription s where s.name = blocked_keys.subscription;
  if not found then
    perform howdah.fail_unknown('subscription', blocked_keys.subscription);
  end if;
  return query
  select b.key, b.position, l.id, l.topic, b.attempts, b.due, b.reason, b.error, b.first_failed_at, b.failed_at,
    (select count(*) from howdah.parked w where w.sub = b.sub and w.key_hash = b.key_hash)
  from howdah.blocked b
    join howdah.parked p
      on p.sub = b.sub and p.key_hash = b.key_hash and p.at = '-infinity' and p.src = b.src and p.position = b.position
    cross join lateral (
      select * from howdah.log m where m.seg = p.seg and m.stream = p.src and m.xid = p.xid and m.seq = p.seq offset 0
    ) l
  where b.sub = v_sub and b.failed_at is not null
  order by b.first_failed_at, b.position
  limit blocked_keys.quantity;
end
$$;

-- functions/ordering/busy_keys.sql
-- The keys of an ordered subscription that are in flight: those of messages in open slices that are not settled yet. A
-- slice that lapsed or was handed back keeps its keys until it is settled. v_head is the subscription's newest slice.
create or replace function howdah.busy_keys(v_head howdah.slice) returns bigint[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set enable_hashjoin = off
as $$
declare
  v_slice howdah.slice;
  v_settled bigint[];
  v_busy bigint[] := '{}';
begin
  for v_slice in
    select s.*
    from howdah.open_slices(v_head) o
      join howdah.slice s on s.seg = o.seg and s.sub = v_head.sub and s.no = o.no
  loop
    v_settled := array(
      select unnest(p.positions) from howdah.part p
      where p.seg = v_slice.seg and p.sub = v_slice.sub and p.no = v_slice.no);
    if cardinality(v_settled) = 0 then
      v_busy := v_busy || v_slice.keys;
    else
      v_busy := v_busy || array(
        select u.key from unnest(v_slice.positions, v_slice.keys) u (position, key)
        where u.position not in (select unnest(v_settled)));
    end if;
  end loop;
  return array(select distinct b from unnest(v_busy) b);
end
$$;

-- functions/ordering/cut_ordered.sql
-- cut() for a subscription whose messages are handed out in the order of their keys.
--
-- A key's messages are in three places, one after the other: in the one open slice that has the key, then parked, then
-- behind the cursor. So no key is handed out while it is in flight, and what is parked goes before what the cursor
-- reaches; a message that cannot be handed out yet is parked, and the cursor goes on to other keys. A slice takes parked
-- messages first, then reads on; 'strict' has one key and parks only what is given back or failed; 'job' parks everything
-- and hands out one message of a key, by time. All of this happens under the cutting lock and in statements after it;
-- settle, which takes no such lock, only ends what a slice has, and puts back what failed before the slice loses it.
-- The keys in flight are read first: whatever is settled meanwhile makes more keys free, never fewer.
-- Returns a row of nulls when there is nothing.
create or replace function howdah.cut_ordered(
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
set enable_mergejoin = off
set jit = off
set enable_hashjoin = off
as $$
declare
  v_busy constant bigint[] := howdah.busy_keys(v_head);
  v_now constant timestamptz := howdah.now();
  v_src constant int := case when v_return then v_sub.return_stream else v_sub.stream end;
  v_at bigint := case when v_return then v_head.return_at else v_head.source_at end;
  v_from constant bigint := v_at;
  v_rows howdah.parked[] := '{}';
  v_ahead record;
  v_low smallint;
  v_high smallint;
  v_slice howdah.slice;
begin
  if v_sub.ordering = 'strict' and howdah.is_held_up(v_sub, v_busy, v_now) then
    return null;
  end if;
  if v_sub.ordering = 'job' then
    v_at := (howdah.look_ahead(v_sub, v_src, v_busy, v_quantity, v_at)).v_at;
  end if;
  v_rows := howdah.unpark(v_sub, v_busy, v_quantity, v_now);
  if v_sub.ordering <> 'job' and cardinality(v_rows) < v_quantity
      and (cardinality(v_rows) = 0 or (v_rows[1].src = v_src and v_rows[1].attempt = 0)) then
    v_ahead := howdah.look_ahead(v_sub, v_src, v_busy, v_quantity - cardinality(v_rows), v_at);
    v_at := v_ahead.v_at;
    v_rows := v_rows || v_ahead.free;
  end if;
  if cardinality(v_rows) = 0 then
    if v_at > v_from then
      perform howdah.move_cursor(v_head, case when v_return then v_head.source_at else v_at end,
        case when v_return then v_at else v_head.return_at end);
    end if;
    return null;
  end if;

  select * into v_low, v_high from howdah.floor_span(v_head);
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions, keys, xids, seqs)
  select howdah.current_segment(), min(r.attempt), v_sub.id, v_head.no + 1,
    case when v_return then v_head.source_at else v_at end, case when v_return then v_at else v_head.return_at end,
    coalesce((select o from howdah.open_numbers(v_head, v_low, v_high) o limit 1), v_head.no + 1),
    min(r.src), min(r.position), max(r.position), count(*), min(r.seg), max(r.seg), howdah.new_secret(), v_now + v_lease,
    v_now, v_head.reaped_at, v_owner, array_agg(r.position order by r.position), array_agg(r.key_hash order by r.position),
    array_agg(r.xid order by r.position), array_agg(r.seq order by r.position)
  from unnest(v_rows) r
  returning * into v_slice;
  return v_slice;
end
$$;

-- functions/ordering/free_blocked.sql
-- Takes the first message of a blocked key away, so that the next one of the key has its turn. The caller holds the
-- cutting lock (see lock_blocked) and knows where the message goes.
create or replace function howdah.free_blocked(v_blocked howdah.blocked) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from howdah.parked p
  where p.sub = v_blocked.sub and p.key_hash = v_blocked.key_hash and p.src = v_blocked.src
    and p.position = v_blocked.position;
  update howdah.blocked b
  set due = howdah.now()
  where b.sub = v_blocked.sub and b.key_hash = v_blocked.key_hash;
end
$$;

-- functions/ordering/has_parked.sql
-- Whether a claim of an ordered subscription would find a parked message to hand out. Locks and writes nothing.
create or replace function howdah.has_parked(v_sub howdah.subscription, v_head howdah.slice, v_now timestamptz) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
  if exists (select from howdah.lane l where l.sub = v_sub.id)
      or exists (select from howdah.blocked b where b.sub = v_sub.id and b.due <= v_now) then
    return cardinality(howdah.ready_keys(v_sub, howdah.busy_keys(v_head), v_now, 1)) > 0;
  end if;
  return false;
end
$$;

-- functions/ordering/is_held_up.sql
-- Whether a strict subscription can hand out nothing because its one key is in flight or waits for a retry.
create or replace function howdah.is_held_up(v_sub howdah.subscription, v_busy bigint[], v_now timestamptz) returns boolean
language sql stable
as $$
  select cardinality(v_busy) > 0 or exists (select from howdah.blocked b where b.sub = v_sub.id and b.due > v_now)
$$;

-- functions/ordering/key_hash.sql
-- What stands for a key in the tables of ordered delivery: two keys of one hash wait for each other, and that is all that
-- happens to them. A strict subscription has one key; a message without a key is one of its own, and waits for nobody.
create or replace function howdah.key_hash(v_ordering text, v_key text, v_seq bigint) returns bigint
language sql immutable
as $$ select case v_ordering when 'strict' then 0 else coalesce(hashtextextended(v_key, 0), v_seq) end $$;

-- functions/ordering/lock_blocked.sql
-- The row of a blocked key, for the operator's verbs, with the cutting lock of its subscription held until the end of the
-- transaction: so nobody hands its message out meanwhile. Raises HD404 for an unknown subscription, HD409 if the key is
-- not blocked, or its first message is being tried at this moment; 0A000.
create or replace function howdah.lock_blocked(v_name text, v_key text, v_what text) returns howdah.blocked
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sub constant howdah.subscription := howdah.lock_subscription(v_name, v_what);
  v_blocked howdah.blocked;
begin
  select b.* into v_blocked
  from howdah.blocked b
  where b.sub = v_sub.id and (b.key = v_key or v_sub.ordering = 'strict')
    and exists (
      select from howdah.parked p
      where p.sub = b.sub and p.key_hash = b.key_hash and p.src = b.src and p.position = b.position);
  if not found then
    raise exception using errcode = 'HD409',
      message = format('key "%s" of "%s" is not blocked', left(coalesce(v_key, ''), 255), v_name),
      hint = 'howdah.blocked_keys lists those that are; one whose message is being tried at this moment is not.';
  end if;
  return v_blocked;
end
$$;

-- functions/ordering/look_ahead.sql
-- Reads on in a stream for an ordered subscription, from position v_at on, until it has messages whose keys wait for
-- nobody, at most v_quantity; those that wait are parked. Returns the free ones and where it has come to. Sequences the
-- stream when it stands at its end. Reads on for ten windows at most; a message is read once, however long it waits for
-- its key. Of jobs all are parked, because their times are their order, about 100,000 in a call. The caller holds the
-- cutting lock.
create or replace function howdah.look_ahead(
  v_sub howdah.subscription,
  v_src int,
  v_busy bigint[],
  v_quantity int,
  inout v_at bigint,
  out free howdah.parked[]
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_tick howdah.tick := howdah.newest_tick(v_src);
  v_end bigint;
  v_window record;
  v_sorted record;
begin
  free := '{}';
  if v_tick.first + v_tick.n - 1 <= v_at then
    v_tick := howdah.sequence_stream(v_src);
  end if;
  v_end := v_tick.first + v_tick.n - 1;
  if v_end is null then
    return;
  elsif v_sub.ordering = 'job' then
    for window_no in 1..50 loop
      exit when v_at >= v_end;
      v_window := howdah.read_window(v_sub, v_src, v_at, v_end, 2000);
      perform howdah.park(v_window.messages);
      v_at := v_window.last;
    end loop;
    return;
  end if;
  for window_no in 1..10 loop
    exit when v_at >= v_end or cardinality(free) > 0;
    v_window := howdah.read_window(v_sub, v_src, v_at, v_end, greatest(2 * v_quantity, 256));
    v_sorted := howdah.sort_out(v_sub, v_window.messages, v_busy, v_quantity, v_window.last);
    perform howdah.park(v_sorted.waiting);
    free := v_sorted.free;
    v_at := v_sorted.last;
  end loop;
end
$$;

-- functions/ordering/park.sql
-- Parks messages of an ordered subscription, and gives their keys a lane, whose turns come in the order of their first
-- messages. The caller holds the cutting lock.
create or replace function howdah.park(v_rows howdah.parked[]) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into howdah.parked select r.* from unnest(v_rows) r;
  insert into howdah.lane (sub, key_hash, since)
  select k.sub, k.key_hash, howdah.now()
  from (select r.sub, r.key_hash from unnest(v_rows) r group by r.sub, r.key_hash order by min(r.at), min(r.position)) k
  on conflict (sub, key_hash) do nothing;
end
$$;

-- functions/ordering/park_blocked.sql
-- Leaves a blocked key blocked until somebody retries, skips or rejects its first message. Raises HD404, HD409, 0A000 (see
-- lock_blocked).
create or replace function howdah.park_blocked(subscription text, key text default null) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(park_blocked.subscription, park_blocked.key, 'park_blocked');
begin
  update howdah.blocked b
  set due = 'infinity'
  where b.sub = v_blocked.sub and b.key_hash = v_blocked.key_hash;
end
$$;

-- functions/ordering/pick_parked.sql
-- Which parked messages a claim of an ordered subscription takes: of the keys v_ready, in this order, the first ones of
-- each, up to v_quantity, all of one stream and one attempt, because a slice has one of each. One that was tried before is
-- handed out alone; of a job queue, one of each key. Changes nothing.
create or replace function howdah.pick_parked(v_sub howdah.subscription, v_ready bigint[], v_quantity int)
returns setof howdah.parked
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_each constant int := case when v_sub.ordering = 'job' then 1
    else least(v_quantity, greatest(16, 4 * v_quantity / greatest(cardinality(v_ready), 1))) end;
begin
  return query
  with candidate as (
    select p as message, k.o, row_number() over (partition by k.o order by p.at, p.src, p.position) as nth
    from unnest(v_ready) with ordinality k (key_hash, o)
      cross join lateral (
        select q.* from howdah.parked q
        where q.sub = v_sub.id and q.key_hash = k.key_hash
        order by q.at, q.src, q.position
        limit v_each
      ) p
  ), first as (
    select (c.message).src, (c.message).attempt from candidate c order by c.o, c.nth limit 1
  ), fitting as (
    select c.*, bool_and((c.message).src = f.src and (c.message).attempt = f.attempt) over (partition by c.o order by c.nth)
      as fits,
      f.attempt as attempts
    from candidate c cross join first f
  )
  select (f.message).*
  from fitting f
  where f.fits
  order by f.o, f.nth
  limit (select case when f.attempt > 0 then 1 else v_quantity end from first f);
end
$$;

-- functions/ordering/read_window.sql
-- The next messages of a stream for an ordered subscription, after position v_at and not beyond v_end, about v_count of
-- them, as they would be parked; and the position up to which nothing else is for it.
create or replace function howdah.read_window(
  v_sub howdah.subscription,
  v_src int,
  v_at bigint,
  v_end bigint,
  v_count int,
  out messages howdah.parked[],
  out last bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
set enable_hashjoin = off
as $$
#variable_conflict use_column
declare
  v_low smallint;
  v_high smallint;
  v_hits bigint[];
begin
  select s.last, s.low, s.high into last, v_low, v_high
  from howdah.sift_span(v_src, v_at + 1, least(v_end, v_at + v_count)) s;
  if v_sub.filtered then
    select h.hits, h.last into v_hits, last from howdah.next_hits(v_sub, v_src, v_at + 1, v_end, v_count) h;
    v_low := 0;
    v_high := 7;
  end if;
  messages := array(
    select row(v_sub.id, howdah.key_hash(v_sub.ordering, m.key, m.seq),
      case when v_sub.ordering = 'job' then howdah.job_time(m.headers, m.published_at)
        else '1970-01-01 00:00:00+00'::timestamptz end,
      v_src, m.position, m.xid, m.seq, 0, m.seg)::howdah.parked
    from howdah.messages_between(v_src, coalesce(v_hits[1], v_at + 1), coalesce(v_hits[cardinality(v_hits)], last), v_low,
      v_high) m
    where v_hits is null or m.position in (select unnest(v_hits))
    order by m.position);
end
$$;

-- functions/ordering/ready_keys.sql
-- The keys of an ordered subscription of which a parked message may be handed out now, in the order of their turns, at
-- most v_most: those that are not in v_busy, the keys in flight, and do not wait for a retry.
create or replace function howdah.ready_keys(v_sub howdah.subscription, v_busy bigint[], v_now timestamptz, v_most int)
returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return array(
    select k.key_hash
    from (
      select b.key_hash, b.due as since
      from howdah.blocked b
      where b.sub = v_sub.id and b.due <= v_now and b.key_hash not in (select unnest(v_busy))
      union all
      (
        select l.key_hash, l.since
        from howdah.lane l
        where l.sub = v_sub.id and l.key_hash not in (select unnest(v_busy))
          and not exists (select from howdah.blocked b where b.sub = l.sub and b.key_hash = l.key_hash offset 0)
        order by l.since
        limit v_most
      )
    ) k
    order by k.since
    limit v_most);
end
$$;

-- functions/ordering/reject_blocked.sql
-- Makes the first message of a blocked key a dead letter; the next one of the key has its turn, and consumers are woken.
-- Raises HD404, HD409, 0A000 (see lock_blocked).
create or replace function howdah.reject_blocked(subscription text, key text default null, reason text default 'rejected')
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(reject_blocked.subscription, reject_blocked.key, 'reject_blocked');
begin
  insert into howdah.dead_letter (sub, position, attempts, reason, error, first_failed_at, failed_at, published_at, id,
    topic, key, headers, payload, body, content_type, owner)
  select v_blocked.sub, p.position, v_blocked.attempts, coalesce(left(reject_blocked.reason, 8000), 'rejected'),
    v_blocked.error,
    coalesce(v_blocked.first_failed_at, howdah.now()), howdah.now(), l.published_at, l.id, l.topic, l.key, l.headers,
    l.payload, l.body, l.content_type, v_blocked.owner
  from howdah.parked p
    cross join lateral (
      select * from howdah.log m where m.seg = p.seg and m.stream = p.src and m.xid = p.xid and m.seq = p.seq offset 0
    ) l
  where p.sub = v_blocked.sub and p.key_hash = v_blocked.key_hash and p.src = v_blocked.src
    and p.position = v_blocked.position;
  perform howdah.free_blocked(v_blocked);
  perform howdah.wake(reject_blocked.subscription);
end
$$;

-- functions/ordering/retry_blocked.sql
-- Has the first message of a blocked key tried at once, also one that was parked, and wakes the consumers; its attempts
-- count on. Of a strict subscription the key is not asked for. Raises HD404, HD409, 0A000 (see lock_blocked).
create or replace function howdah.retry_blocked(subscription text, key text default null) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(retry_blocked.subscription, retry_blocked.key, 'retry_blocked');
begin
  update howdah.blocked b
  set due = howdah.now()
  where b.sub = v_blocked.sub and b.key_hash = v_blocked.key_hash;
  perform howdah.wake(retry_blocked.subscription);
end
$$;

-- functions/ordering/skip_blocked.sql
-- Gives up the first message of a blocked key, counted as discarded; the next one of the key has its turn, and consumers
-- are woken. Raises HD404, HD409, 0A000 (see lock_blocked).
create or replace function howdah.skip_blocked(subscription text, key text default null) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocked constant howdah.blocked := howdah.lock_blocked(skip_blocked.subscription, skip_blocked.key, 'skip_blocked');
begin
  insert into howdah.tally (sub, what, n) values (v_blocked.sub, 'discarded', 1);
  perform howdah.free_blocked(v_blocked);
  perform howdah.wake(skip_blocked.subscription);
end
$$;

-- functions/ordering/sort_out.sql
-- Parts a window of an ordered subscription: 'free' are the first v_quantity messages whose keys wait for nobody,
-- 'waiting' those before the last of them that come after one of their key which is in flight (v_busy), parked, or failed.
-- What lies behind the last free one is in neither; 'last' is the position up to which the window is used up.
create or replace function howdah.sort_out(
  v_sub howdah.subscription,
  v_window howdah.parked[],
  v_busy bigint[],
  v_quantity int,
  v_end bigint,
  out free howdah.parked[],
  out waiting howdah.parked[],
  out last bigint
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
#variable_conflict use_column
begin
  with message as materialized (
    select w from unnest(v_window) w
  ), held_up as materialized (
    select k.key_hash
    from (select distinct (m.w).key_hash from message m) k
    where k.key_hash in (select unnest(v_busy))
      or exists (select from howdah.lane l where l.sub = v_sub.id and l.key_hash = k.key_hash)
      or exists (select from howdah.blocked b where b.sub = v_sub.id and b.key_hash = k.key_hash)
  ), sorted as (
    select f.w, f.waits, count(*) filter (where not f.waits) over (order by (f.w).position) as nth
    from (
      select m.w, (m.w).key_hash in (select h.key_hash from held_up h) as waits from message m
    ) f
  )
  select coalesce(array_agg(s.w order by (s.w).position) filter (where not s.waits and s.nth <= v_quantity), '{}'),
    coalesce(array_agg(s.w order by (s.w).position) filter (where s.waits and s.nth < v_quantity), '{}'),
    case when max(s.nth) >= v_quantity
      then max((s.w).position) filter (where not s.waits and s.nth <= v_quantity) else v_end end
  into free, waiting, last
  from sorted s;
end
$$;

-- functions/ordering/split_ordered.sql
-- split() for a slice of an ordered subscription: a new slice has its first v_size messages, owned as v_slice says; the
-- others are parked, before all others of their keys. The caller holds the cutting lock and the slice's lock.
create or replace function howdah.split_ordered(v_slice howdah.slice, v_head howdah.slice, v_size int) returns howdah.slice
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_open constant bigint[] := howdah.open_positions(v_slice);
  v_rows constant howdah.parked[] := array(
    select row(v_slice.sub, m.key_hash, '-infinity', v_slice.src, m.position, m.xid, m.seq, v_slice.attempt,
      m.seg)::howdah.parked
    from howdah.slice_messages(v_slice) m
    where m.position in (select unnest(v_open))
    order by m.position);
  v_new howdah.slice;
begin
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, low_seg, high_seg,
    token, deadline, at, reaped_at, owner, positions, keys, xids, seqs)
  select howdah.current_segment(), v_slice.attempt, v_slice.sub, v_head.no + 1, v_head.source_at, v_head.return_at,
    v_head.floor, v_slice.src, min(r.position), max(r.position), count(*), min(r.seg), max(r.seg), v_slice.token,
    v_slice.deadline, howdah.now(), v_head.reaped_at, v_slice.owner, array_agg(r.position), array_agg(r.key_hash),
    array_agg(r.xid), array_agg(r.seq)
  from unnest(v_rows[:v_size]) r
  returning * into v_new;
  perform howdah.park(v_rows[v_size + 1:]);
  perform howdah.close_slice(v_slice, 'split');
  return v_new;
end
$$;

-- functions/ordering/unpark.sql
-- Takes parked messages for a claim (see pick_parked) and moves the turns on: a key of which more is parked comes again
-- after the others, one of which nothing is left has no lane. A block is over when a message after the blocked one is
-- handed out. The caller holds the cutting lock and puts the messages into a slice; v_busy are the keys in flight.
create or replace function howdah.unpark(v_sub howdah.subscription, v_busy bigint[], v_quantity int, v_now timestamptz)
returns howdah.parked[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_ready constant bigint[] := howdah.ready_keys(v_sub, v_busy, v_now, v_quantity);
  v_rows howdah.parked[];
  v_keys bigint[];
begin
  if cardinality(v_ready) = 0 then
    return '{}';
  end if;
  v_rows := array(select p from howdah.pick_parked(v_sub, v_ready, v_quantity) p);
  delete from howdah.parked p
  using unnest(v_rows) r
  where p.sub = r.sub and p.key_hash = r.key_hash and p.at = r.at and p.src = r.src and p.position = r.position;

  v_keys := array(
    select k from unnest(v_ready) k
    where exists (select from unnest(v_rows) r where r.key_hash = k)
      or not exists (select from howdah.parked p where p.sub = v_sub.id and p.key_hash = k));
  if v_rows[1].attempt is null or v_rows[1].attempt = 0 then
    delete from howdah.blocked b using unnest(v_keys) k where b.sub = v_sub.id and b.key_hash = k;
  end if;
  delete from howdah.lane l
  using unnest(v_keys) k
  where l.sub = v_sub.id and l.key_hash = k
    and not exists (select from howdah.parked p where p.sub = v_sub.id and p.key_hash = k offset 0);
  insert into howdah.lane (sub, key_hash, since)
  select v_sub.id, k, v_now
  from unnest(v_keys) k
  where exists (select from howdah.parked p where p.sub = v_sub.id and p.key_hash = k offset 0)
  on conflict (sub, key_hash) do update set since = excluded.since;
  return v_rows;
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
  delays interval[],
  ttls interval[] default null
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
      or v_count <> coalesce(cardinality(delays), v_count) or v_count <> coalesce(cardinality(ttls), v_count) then
    raise exception using errcode = '22023',
      message = 'payloads, topics, keys, headers, delays and ttls must be plain arrays of one length',
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

  if ttls is not null then
    select min(m.o) into v_bad
    from unnest(ttls) with ordinality as m (ttl, o)
    where m.ttl not between '1 ms' and '3660 days';
    if v_bad is not null then
      raise exception using errcode = '22023',
        message = format('ttl of message %s of %s is not valid', v_bad, v_count),
        hint = 'A time to live is between 1 ms and 10 years; leave it out for a message that does not expire.';
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
-- Takes a deduplication key of a stream for a message: whether this is the first use, and the id of the first. A key counts
-- for its window, or, v_held, until its message is settled (see is_unsettled). Waits while another transaction that has used
-- the key is open: when that one rolls back, this is the first. The row is locked before the message is looked at, so of
-- many who come when it is settled one gets the key.
create or replace function howdah.claim_once(
  v_stream int,
  v_key text,
  v_id uuid,
  v_window interval,
  v_held boolean,
  out first uuid,
  out fresh boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_once howdah.once;
begin
  loop
    insert into howdah.once as o (stream, key, id, until, held)
    values (v_stream, v_key, v_id, howdah.now() + v_window, v_held)
    on conflict (stream, key) do update set id = excluded.id, until = excluded.until, held = excluded.held
    where o.until <= howdah.now() and not o.held
    returning o.id into first;
    fresh := found;
    exit when fresh;
    select o.* into v_once from howdah.once o where o.stream = v_stream and o.key = v_key;
    continue when not found; -- housekeep has just removed it
    first := v_once.id;
    if v_once.held and not howdah.is_unsettled(v_stream, v_once.id) then
      update howdah.once o set id = v_id, until = howdah.now() + v_window, held = v_held
      where o.stream = v_stream and o.key = v_key;
      first := v_id;
      fresh := true;
    end if;
    exit;
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
-- stay. One that is held goes when its message is no longer in the log or the schedule; until then it is looked at again
-- every ten minutes.
create or replace function howdah.forget_once(v_now timestamptz) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_count int;
begin
  with old as materialized (
    select l.stream, l.key,
      l.held and (exists (select from howdah.log g where g.id = l.id and g.keeps_key)
        or exists (select from howdah.due d where d.id = l.id)) as stays
    from howdah.once l
    where l.until <= v_now
    order by l.until
    limit 10000
    for update skip locked
  ), kept as (
    update howdah.once o set until = v_now + interval '10 min'
    from old where old.stays and o.stream = old.stream and o.key = old.key
  )
  delete from howdah.once o
  using old
  where not old.stays and o.stream = old.stream and o.key = old.key;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

-- functions/publish/is_unsettled.sql
-- Whether a message that keeps its key is still to be settled: it is scheduled, or waits for a subscription that takes it, or
-- is in somebody's hands. No more once every subscription has done with it, however: done, dead, discarded, expired,
-- cancelled or purged. Stable, so all of it is seen at one moment: a message that moves meanwhile is not overlooked.
create or replace function howdah.is_unsettled(v_stream int, v_id uuid) returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
  return exists (
      select from howdah.due d
      where d.id = v_id and (d.stream = v_stream
        or exists (select from howdah.subscription s where s.stream = v_stream and s.return_stream = d.stream)))
    or exists (
      select from howdah.log l
        join howdah.subscription s on s.stream = l.stream or s.return_stream = l.stream
      where l.id = v_id and l.keeps_key and v_stream in (l.stream, s.stream)
        and howdah.is_waiting(s, l.stream, l.xid, l.seq, l.topic, l.key));
end
$$;

-- functions/publish/is_waiting.sql
-- Whether a subscription has still to settle a message that lies in the log of one of its two streams: it has no position,
-- lies after the cursor and is taken, is parked behind its key, or is in an open slice. Part of is_unsettled. Reads one tick.
create or replace function howdah.is_waiting(
  v_sub howdah.subscription,
  v_src int,
  v_xid bigint,
  v_seq bigint,
  v_topic text,
  v_key text
) returns boolean
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
  v_head constant howdah.slice := howdah.newest_slice(v_sub.id);
  v_of_source constant boolean := v_src = v_sub.stream;
  v_tick howdah.tick;
  v_position bigint;
begin
  select t.* into v_tick
  from howdah.tick t
  where t.stream = v_src and v_seq between t.lo and t.hi and t.xids @> v_xid
  order by t.first desc limit 1;
  if not found then
    return not v_of_source or howdah.takes(v_sub.id, v_topic);
  end if;
  select m.position into v_position
  from howdah.messages_between(v_src, v_tick.first, v_tick.first + v_tick.n - 1) m
  where m.xid = v_xid and m.seq = v_seq;
  if v_position > (case when v_of_source then v_head.source_at else v_head.return_at end) then
    return (not v_of_source or howdah.takes(v_sub.id, v_topic, v_position))
      and not exists (
        select from howdah.purged u
        where u.sub = v_sub.id and u.src = v_src and u.upto >= v_position
          and (u.expression is null or coalesce('.' || v_topic, '') collate "C" ~ u.expression)
          and (u.key is null or u.key = v_key));
  end if;
  return exists (
      select from howdah.parked p
      where p.sub = v_sub.id and p.src = v_src and p.position = v_position
        and p.xid = v_xid and p.seq = v_seq)
    or exists (
      select from howdah.open_slices(v_head) o
        join howdah.slice s on s.seg = o.seg and s.sub = v_sub.id and s.no = o.no
      where o.src = v_src and v_position between o.from_pos and o.to_pos
        and v_position = any (howdah.open_positions(s)));
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
  due timestamptz default null,
  ttl interval default null
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
    case when publish.due is not null then array[publish.due] end,
    case when publish.ttl is not null then array[publish.ttl] end))[1]
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
  dues timestamptz[] default null,
  ttls interval[] default null
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
  perform howdah.check_messages(v_stream.max_payload, payloads, topics, keys, headers, delays, ttls);
  v_ids := array(select (left(replace(batch::text, '-', ''), 27) || to_hex(65536 + o))::uuid
    from generate_series(0, v_count - 1) o order by o);
  if (howdah.claim_once(v_stream.id, 'b' || left(replace(batch::text, '-', ''), 27), batch, '1 h', false)).fresh then
    perform howdah.publish_given(v_stream, v_ids, payloads, topics, keys, headers, delays, ttls, null);
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
  v_delays interval[],
  v_ttls interval[]
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
      v_keys[v_from:v_from + 8191], v_headers[v_from:v_from + 8191], v_delays[v_from:v_from + 8191],
      ttls => v_ttls[v_from:v_from + 8191]);
    v_from := v_from + 8192;
  end loop;
  return v_ids;
end
$$;

-- functions/publish/publish_given.sql
-- Publishes messages under ids that are known before, as store_messages stores them, by the rules of their stream: headers
-- and the time to live that it gives to messages without, and what becomes of messages that no subscription takes: `error`
-- raises HD422 and nothing is published; `drop` counts them; `park` counts them and stores them in another queue, at once,
-- with a header `unroutable` that names the stream.
--
-- What takes a message is decided once, for delayed ones too, by the bindings that this statement sees. A binding that is
-- changed by a transaction that commits meanwhile may still reach the message (see change_bindings), or no longer: then it is
-- kept in the stream. So nothing here waits for anybody, and nobody waits for a publisher.
create or replace function howdah.publish_given(
  v_stream howdah.stream,
  v_ids uuid[],
  v_payloads text[],
  v_topics text[],
  v_keys text[],
  v_headers text[],
  v_delays interval[],
  v_ttls interval[],
  v_keeps boolean[]
) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lost bigint[] := '{}';
  v_all record;
begin
  if not v_stream.has_rules then
    perform howdah.store_messages(v_stream.id, v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps);
    return;
  end if;
  if v_stream.headers is not null then
    v_headers := array(
      select (v_stream.headers::jsonb || coalesce(m.headers, '{}')::jsonb)::text
      from unnest(v_ids, v_headers) with ordinality m (id, headers, o) order by m.o);
  end if;
  v_topics := array(
    select coalesce(m.topic, m.headers::json ->> 'type')
    from unnest(v_ids, v_topics, v_headers) with ordinality m (id, topic, headers, o) order by m.o);
  v_ttls := array(
    select coalesce(m.ttl, v_stream.ttl) from unnest(v_ids, v_ttls) with ordinality m (id, ttl, o) order by m.o);
  if v_stream.unroutable <> 'keep' then
    v_lost := howdah.unroutable(v_stream.id, v_topics);
  end if;
  if cardinality(v_lost) > 0 and v_stream.unroutable = 'error' then
    raise exception using errcode = 'HD422',
      message = format('no subscription of "%s" takes message %s of %s, whose topic is %s; nothing was published',
        v_stream.name, v_lost[1], cardinality(v_ids), coalesce(v_topics[v_lost[1]], '(none)')),
      hint = 'Bind a queue to the topic, correct it, or give the stream another option unroutable.';
  end if;

  for v_all in
    select coalesce(m.o = any (v_lost), false) as lost, array_agg(m.id order by m.o) as ids,
      array_agg(m.payload order by m.o) as payloads, array_agg(m.topic order by m.o) as topics,
      array_agg(m.key order by m.o) as keys, array_agg(m.headers order by m.o) as headers,
      array_agg(m.delay order by m.o) as delays, array_agg(m.ttl order by m.o) as ttls, array_agg(m.keeps order by m.o) as keeps
    from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps) with ordinality
      m (id, payload, topic, key, headers, delay, ttl, keeps, o)
    group by 1
  loop
    if not v_all.lost then
      perform howdah.store_messages(v_stream.id, v_all.ids, v_all.payloads, v_all.topics, v_all.keys, v_all.headers,
        v_all.delays, v_all.ttls, v_all.keeps);
      continue;
    end if;
    insert into howdah.tally (stream, what, n) values (v_stream.id, 'unroutable', cardinality(v_all.ids));
    if v_stream.unroutable = 'park' then
      perform howdah.store_messages(v_stream.park_in, v_all.ids, v_all.payloads, v_all.topics, v_all.keys,
        array(
          select (coalesce(h.headers, '{}')::jsonb || jsonb_build_object('unroutable', v_stream.name))::text
          from unnest(v_all.headers) with ordinality h (headers, o) order by h.o),
        null, null, null);
    end if;
  end loop;
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
-- bell. Messages with a time to live, and streams with rules, go by publish_given, which stores what this would; the id of a
-- message that its stream drops or parks is returned like any other.
-- The name of a subscription, such as a bound queue, sends a direct message: it goes into the subscription's return stream,
-- which nobody else reads. A stream of the same name comes first.
-- Raises HD404 for an unknown stream, HD422 for a message that nobody takes if the stream says so, 22023, 22004, 22P02 and
-- 22P05 for arguments that cannot be.
create or replace function howdah.publish_many(
  stream text,
  payloads text[],
  topics text[] default null,
  keys text[] default null,
  headers text[] default null,
  delays interval[] default null,
  dues timestamptz[] default null,
  ttls interval[] default null
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
    select s.id, s.max_payload, s.has_rules, n.at, howdah.current_segment() as seg, coalesce(cardinality(payloads), 0) as count,
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
  if not (v_to.count between 1 and 8192 and array_ndims(payloads) = 1 and num_nulls(topics, keys, headers, delays, ttls) = 5)
    or exists (
      select from unnest(payloads) m (payload)
      where m.payload is null or octet_length(m.payload) > least(v_to.max_payload, 1024) or m.payload like '%\\u%')
  then
    perform howdah.check_messages(v_to.max_payload, payloads, topics, keys, headers, delays, ttls);
    if v_to.count > 8192 then
      return howdah.publish_blocks(publish_many.stream, payloads, topics, keys, headers, delays, ttls);
    end if;
  end if;

  v_ids := array(select (v_to.prefix || to_hex(65536 + o))::uuid from generate_series(0, v_to.count - 1) o);
  if v_to.has_rules or ttls is not null then
    perform howdah.publish_given((select s from howdah.stream s where s.id = v_to.id), v_ids, payloads, topics, keys, headers,
      delays, ttls, null);
    return v_ids;
  end if;
  v_block := nextval('howdah.block') << 13;
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

-- functions/publish/publish_many_once.sql
-- Publishes up to 8,192 messages, each unless one with the same deduplication key, or the same id, was published to this
-- stream within the window (that of the stream if none is given) or, until_done, is not settled yet. A row for each message in
-- the order of the input: its id and whether it is a duplicate, then it is the id of the first. One with neither key nor id is
-- always published; of two with one key in a batch the first is. In the caller's transaction: while another one that has
-- used a key is open this waits, and when that rolls back this one publishes. Keys are taken in their order, so batches do not
-- deadlock.
-- An id may also be that of a message of a batch (see publish_batch) whose outcome was not known: claiming the batch's key
-- too finds out, or keeps a statement of it that is still on its way from storing anything.
-- Raises what publish_many does; 22023 for a key, an id or a window that cannot be; 40001 in REPEATABLE READ and SERIALIZABLE
-- when somebody else has used a key since.
create or replace function howdah.publish_many_once(
  stream text,
  payloads text[],
  onces text[] default null,
  ids uuid[] default null,
  within interval default null,
  until_done boolean default false,
  topics text[] default null,
  keys text[] default null,
  headers text[] default null,
  delays interval[] default null,
  dues timestamptz[] default null,
  ttls interval[] default null
) returns table (message uuid, duplicate boolean)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_none constant uuid := '00000000-0000-0000-0000-000000000000';
  v_count constant int := coalesce(cardinality(publish_many_once.payloads), 0);
  v_stream howdah.stream;
  v_window interval;
  v_delays interval[] := publish_many_once.delays;
  v_ids uuid[];
  v_first uuid[];
  v_item record;
  v_claim record;
begin
  select s.* into strict v_stream from howdah.stream s where s.id = howdah.stream_id(publish_many_once.stream);
  v_window := coalesce(publish_many_once.within, v_stream.once_window);
  if v_count not between 1 and 8192 or v_count <> coalesce(cardinality(onces), v_count)
    or v_count <> coalesce(cardinality(publish_many_once.ids), v_count) then
    raise exception using errcode = '22023',
      message = format('1 to 8192 messages can be published once but got %s, or there are not as many keys or ids', v_count),
      hint = 'Publish larger amounts in several statements of one transaction; give null for an element without a key or id.';
  end if;
  if exists (select from unnest(onces) k where octet_length(k) not between 1 and 255 or k ~ '[\x01-\x1f\x7f]')
    or v_window not between '1 ms' and '30 days' or until_done is null or until_done and within is not null then
    raise exception using errcode = '22023', message = 'a deduplication key or its window is not valid',
      hint = 'A key is 1 to 255 bytes without control characters; it counts for a window of 1 ms to 30 days, or until_done.';
  end if;
  if dues is not null then
    v_delays := howdah.delays_until(howdah.now(), v_count, v_delays, dues);
  end if;
  perform howdah.check_messages(v_stream.max_payload, payloads, topics, keys, headers, v_delays, ttls);

  v_ids := array(
    select coalesce(i.id, (p.prefix || to_hex(65535 + i.o))::uuid)
    from unnest(payloads, publish_many_once.ids) with ordinality i (payload, id, o)
      cross join (
        select lpad(to_hex(floor(extract(epoch from howdah.now()) * 1000)::bigint), 12, '0') || '7'
          || substr(replace(gen_random_uuid()::text, '-', ''), 14, 14) as prefix) p
    order by i.o);
  v_first := v_ids;
  for v_item in
    select i.o, 'k' || i.once as once, v_ids[i.o] as id, false as is_id
    from unnest(onces) with ordinality i (once, o) where i.once is not null
    union all
    select i.o, 'i' || i.id, i.id, true from unnest(publish_many_once.ids) with ordinality i (id, o) where i.id is not null
    order by is_id, once, o
  loop
    continue when v_first[v_item.o] is null;
    if v_item.is_id then
      select * into v_claim
      from howdah.claim_once(v_stream.id, 'b' || left(replace(v_item.id::text, '-', ''), 27), v_none, '1 h', false);
      if not v_claim.fresh and v_claim.first <> v_none then
        v_first[v_item.o] := null;
        continue;
      end if;
    end if;
    select * into v_claim from howdah.claim_once(v_stream.id, v_item.once, v_item.id, v_window, until_done);
    if not v_claim.fresh then
      v_ids[v_item.o] := v_claim.first;
      v_first[v_item.o] := null;
    end if;
  end loop;

  select array_agg(i.id order by i.o) as ids, array_agg(i.payload order by i.o) as payloads,
    array_agg(i.topic order by i.o) as topics, array_agg(i.key order by i.o) as keys, array_agg(i.headers order by i.o)
      as headers,
    array_agg(i.delay order by i.o) as delays, array_agg(i.ttl order by i.o) as ttls,
    array_agg(until_done and num_nonnulls(i.once, i.given) > 0 order by i.o) as keeps
  into v_item
  from unnest(v_first, payloads, topics, keys, headers, v_delays, ttls, onces, publish_many_once.ids) with ordinality
    i (id, payload, topic, key, headers, delay, ttl, once, given, o)
  where i.id is not null;
  if v_item.ids is not null then
    perform howdah.publish_given(v_stream, v_item.ids, v_item.payloads, v_item.topics, v_item.keys, v_item.headers,
      v_item.delays, v_item.ttls, v_item.keeps);
  end if;
  return query
  select i.id, i.first is null from unnest(v_ids, v_first) with ordinality i (id, first, o) order by i.o;
end
$$;

-- functions/publish/publish_once.sql
-- Publishes a message unless one with the same deduplication key was published to this stream within the window (that of
-- the stream if none is given, see alter_stream) or, until_done, is not settled yet; returns the id and whether it is a
-- duplicate, then it is the id of the first. The key is `once`, or the message's own `id`, or both. It is publish_many_once
-- that does it, and raises; 22023 also without a key and an id.
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
  ttl interval default null,
  until_done boolean default false,
  out message uuid,
  out duplicate boolean
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if num_nonnulls(publish_once.once, publish_once.id) = 0 then
    raise exception using errcode = '22023', message = 'to be published once a message needs a key or an id',
      hint = 'Give once => a text, or id => a UUID.';
  end if;
  select m.message, m.duplicate into strict publish_once.message, publish_once.duplicate
  from howdah.publish_many_once(
    publish_once.stream, array[publish_once.payload::text], array[publish_once.once], array[publish_once.id],
    publish_once.within, publish_once.until_done, array[publish_once.topic], array[publish_once.key],
    array[publish_once.headers::text], array[publish_once.delay],
    case when publish_once.due is not null then array[publish_once.due] end, array[publish_once.ttl]) m;
end
$$;

-- functions/publish/publish_routed.sql
-- Publishes one message, as publish does, and tells which subscriptions take it, by the bindings that this statement sees;
-- where none does, became says what its stream did: keep, drop or park, then parked_in says where. Costs a look at every
-- binding of the stream; publish does not look. Raises what publish and route do.
create or replace function howdah.publish_routed(
  stream text,
  payload json,
  topic text default null,
  key text default null,
  headers json default null,
  delay interval default null,
  due timestamptz default null,
  ttl interval default null,
  out message uuid,
  out subscriptions text[],
  out became text,
  out parked_in text
)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_rules record;
begin
  message := howdah.publish($1, $2, $3, $4, $5, $6, $7, $8);
  select s.unroutable, s.headers, howdah.stream_options_of(s) ->> 'park_in' as park_in into v_rules from howdah.stream s
    where s.name = $1 and s.kind <> 'return';
  subscriptions := array(
    select r.subscription
    from howdah.route($1, coalesce($3, $5 ->> 'type', v_rules.headers ->> 'type')) r
    order by r.subscription);
  if cardinality(subscriptions) = 0 then
    became := v_rules.unroutable;
    parked_in := v_rules.park_in;
  end if;
end
$$;

-- functions/publish/set_once_window.sql
-- How long deduplication keys of a stream or queue count from now on; at first as configured. Raises HD404, 22023.
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

-- functions/publish/store_messages.sql
-- Stores messages under ids that are known before, as publish_many does otherwise: the caller has checked the messages and
-- knows that these ids are new. A time to live counts from the time that a message can be delivered. v_keeps says which keep
-- their deduplication key until they are settled.
create or replace function howdah.store_messages(
  v_stream int,
  v_ids uuid[],
  v_payloads text[],
  v_topics text[],
  v_keys text[],
  v_headers text[],
  v_delays interval[],
  v_ttls interval[],
  v_keeps boolean[]
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
  if v_delays is not null then
    insert into howdah.due (due, stream, attempt, published_at, id, topic, key, headers, payload, expires_at, keeps_key)
    select v_at + m.delay, v_stream, 0, v_at, m.id, coalesce(m.topic, m.headers::json ->> 'type'), m.key,
      m.headers::json, m.payload::json, v_at + m.delay + m.ttl, nullif(m.keeps, false)
    from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps) with ordinality
      as m (id, payload, topic, key, headers, delay, ttl, keeps, o)
    where m.delay > '0'
    order by m.o;
  end if;
  insert into howdah.log (seg, attempt, stream, xid, seq, published_at, id, topic, key, headers, payload, expires_at,
    keeps_key)
  select v_seg, 0, v_stream, v_xid, v_block + m.o - 1, v_at, m.id, coalesce(m.topic, m.headers::json ->> 'type'),
    m.key, m.headers::json, m.payload::json, v_at + m.ttl, nullif(m.keeps, false)
  from unnest(v_ids, v_payloads, v_topics, v_keys, v_headers, v_delays, v_ttls, v_keeps) with ordinality
    as m (id, payload, topic, key, headers, delay, ttl, keeps, o)
  where coalesce(m.delay, '0') <= '0';
end
$$;

-- functions/publish/unroutable.sql
-- Which messages, by their ordinals, no subscription of a stream takes, going by their topics and the bindings that the
-- caller sees. Each topic is matched once.
create or replace function howdah.unroutable(v_stream int, v_topics text[]) returns bigint[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return array(
    select o.o
    from (
      select m.topic, array_agg(m.o) as ordinals
      from unnest(v_topics) with ordinality m (topic, o)
      group by m.topic
      having not exists (
        select from howdah.subscription s where s.stream = v_stream and howdah.takes(s.id, m.topic))
    ) t
      cross join lateral unnest(t.ordinals) o (o)
    order by o.o);
end
$$;

-- functions/queue/alter_queue.sql
-- Changes options of a queue: those of its own subscription, and of its stream unless it is bound to somebody else's.
-- Raises HD404 if there is no queue of this name, 22023.
create or replace function howdah.alter_queue(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream text;
  v_of_stream constant json := howdah.own_options(alter_queue.options, true);
  v_any constant boolean := exists (select from json_object_keys(v_of_stream));
begin
  select t.name into v_stream
  from howdah.subscription s join howdah.stream t on t.id = s.stream
  where s.name = alter_queue.name and s.kind = 'queue';
  if not found then
    perform howdah.fail_unknown('queue', alter_queue.name);
  end if;
  if v_any and v_stream <> alter_queue.name then
    raise exception using errcode = '22023',
      message = format('queue "%s" is bound to stream "%s", which has these options', alter_queue.name, v_stream),
      hint = 'Use howdah.alter_stream; they hold for all of the stream.';
  end if;
  perform howdah.alter_subscription(alter_queue.name, howdah.own_options(alter_queue.options, false));
  if v_any then
    perform howdah.alter_stream(alter_queue.name, v_of_stream);
  end if;
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
-- stays as it is, its options too, also one that is bound to another stream. Options are those of both. Raises 22023 for a
-- bad name or bad options, HD409 if the name belongs to a stream or to another subscription.
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
  perform howdah.add_stream(create_queue.name, 'queue', '0', howdah.own_options(create_queue.options, true));
  v_sub := howdah.create_subscription(create_queue.name, create_queue.name, 'beginning',
    howdah.own_options(create_queue.options, false));
  update howdah.subscription s set kind = 'queue' where s.id = v_sub and s.kind <> 'queue';
  return v_sub;
end
$$;

-- functions/queue/drop_queue.sql
-- Drops a queue, or one that is bound to a stream; false if there is none. Raises HD409 if it holds messages or other
-- subscriptions read it, unless `force` gives them up.
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

-- functions/queue/own_options.sql
-- The options among those of a queue that its stream has (v_stream), or that its subscription has.
create or replace function howdah.own_options(v_options json, v_stream boolean) returns json
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_options is null or json_typeof(v_options) <> 'object' then
    return case when not v_stream then v_options end;
  end if;
  return (
    select coalesce(json_object_agg(o.key, o.value), '{}')
    from json_each(v_options) o
    where (o.key = any (howdah.stream_option_names())) = v_stream);
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
      + howdah.purge_due(v_sub, v_expression, purge.key, true)
      + howdah.purge_parked(v_sub, v_expression, purge.key, true);
  end if;

  v_sub := howdah.lock_subscription(purge.subscription, 'purge');
  v_head := howdah.newest_slice(v_sub.id);
  v_count := v_count
    - howdah.count_purgeable(v_sub, v_sub.stream, v_from.source_at + 1, least(v_head.source_at, v_source), v_expression,
      purge.key)
    - howdah.count_purgeable(v_sub, v_sub.return_stream, v_from.return_at + 1, least(v_head.return_at, v_return),
      v_expression, purge.key)
    + howdah.purge_free(v_sub, v_head, v_expression, purge.key, false)
    + howdah.purge_due(v_sub, v_expression, purge.key, false)
    + howdah.purge_parked(v_sub, v_expression, purge.key, false);
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
      from howdah.slice_messages(v_slice) m
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

-- functions/queue/purge_parked.sql
-- Purges the parked messages of an ordered subscription that match, and lets keys go of which nothing is left. Returns how
-- many there were; v_dry only counts. The caller holds the cutting lock, or only counts.
create or replace function howdah.purge_parked(
  v_sub howdah.subscription,
  v_expression text,
  v_key text,
  v_dry boolean
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
  v_rows constant howdah.parked[] := array(
    select p
    from howdah.parked p
      cross join lateral (
        select * from howdah.log m where m.seg = p.seg and m.stream = p.src and m.xid = p.xid and m.seq = p.seq offset 0
      ) l
    where p.sub = v_sub.id
      and (v_expression is null or coalesce('.' || l.topic, '') collate "C" ~ v_expression)
      and (v_key is null or l.key = v_key));
begin
  if not v_dry then
    delete from howdah.parked p
    using unnest(v_rows) r
    where p.sub = r.sub and p.key_hash = r.key_hash and p.at = r.at and p.src = r.src and p.position = r.position;
    delete from howdah.lane l
    where l.sub = v_sub.id
      and not exists (select from howdah.parked p where p.sub = l.sub and p.key_hash = l.key_hash offset 0);
    update howdah.blocked b
    set due = howdah.now()
    from unnest(v_rows) r
    where b.sub = r.sub and b.key_hash = r.key_hash and b.src = r.src and b.position = r.position;
  end if;
  return cardinality(v_rows);
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
      message = format('"%s" is not a time zone', coalesce(regexp_replace(left(v_zone, 80), '[[:cntrl:]]', '?', 'g'),
        '(null)')),
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
        message = format('"%s" is not a valid %s of a cron expression', regexp_replace(left(v_item, 40), '[[:cntrl:]]', '?',
          'g'), v_what),
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
        else extract(day from v_hour)::int = any (v_cron.days)
          and extract(dow from v_hour)::int = any (v_cron.weekdays) end) then
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
          'due', to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) || coalesce(v_recurring.headers,
            '{}')::jsonb)::text
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
  v_size constant bigint := pg_size_bytes(howdah.setting_of('segment_size'));
begin
  select s.* into v_current from howdah.segment s where s.volume = 1 order by s.no desc limit 1;
  v_used := (select count(*) from howdah.segment s where s.volume = 1);
  v_retention := (select max(s.retention) from howdah.stream s);
  v_bytes := (
    select sum(pg_table_size(format('howdah.%I', r || '_' || v_current.seg)::regclass))
    from unnest('{log,tick,slice,closed,part}'::text[]) r);
  v_age := howdah.setting_of('segment_age')::interval * 4 ^ (v_used - 1);
  if v_used > 1 and v_retention is not null then
    v_age := greatest(v_age, v_retention / 6);
  end if;
  if not (v_bytes >= v_size / 64 and howdah.now() >= v_current.opened_at + v_age)
    and not (v_used <= 3 and v_bytes >= v_size * 4 ^ (v_used - 1)) then
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
-- Adds up the rows of tally that have come since the last time: one row for each subscription or stream and word is left.
-- Rows of transactions that are still open stay for the next time.
create or replace function howdah.fold_tallies() returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if (select count(*) > count(distinct (t.sub, t.stream, t.what)) from howdah.tally t) then
    with old as (delete from howdah.tally t returning t.*)
    insert into howdah.tally (sub, stream, what, n)
    select o.sub, o.stream, o.what, sum(o.n) from old o group by o.sub, o.stream, o.what;
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
  perform howdah.forget_handed(howdah.now());

  perform from howdah.duty d where d.name = 'rotate' for no key update skip locked;
  if not found then
    return;
  end if;
  perform howdah.fold_tallies();
  perform howdah.expire_archive();
  perform howdah.forget_filters();
  return query select * from howdah.expire_subscriptions();
  return query select 'warning', w from howdah.archive_warning() w where w is not null;
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
  insert into howdah.horizon as h (stream, position, at)
  select s.id, l.position, coalesce((
    select t.at from howdah.tick t where t.stream = s.id and t.first <= l.position order by t.first desc limit 1), '-infinity')
  from howdah.streams_in(v_segment.seg) i (stream) join howdah.stream s on s.id = i.stream
    cross join lateral howdah.last_position_in(s.id, v_segment.seg) l (position)
  for key share of s skip locked
  on conflict (stream) do update
  set position = greatest(h.position, excluded.position), at = greatest(h.at, excluded.at);
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
        and (exists (select from howdah.open_slices(head) o where o.src = v_stream.id and o.from_pos <= v_last)
          or exists (select from howdah.parked p where p.sub = b.id and p.src = v_stream.id and p.position <= v_last)))
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
-- Inserts a stream of some kind, or finds it; HD409 when the name belongs to another kind. A retention among the options
-- comes first.
create or replace function howdah.add_stream(v_name text, v_kind text, v_retention interval, v_options json) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_stream howdah.stream;
  v_new howdah.stream;
begin
  perform howdah.check_name(v_kind, v_name);
  v_new.retention := make_interval(secs => extract(epoch from v_retention)::float8);
  v_new := howdah.with_stream_options(v_new, v_options);
  loop
    select s.* into v_stream from howdah.stream s where s.name = v_name;
    exit when found;
    if exists (select from howdah.subscription s where s.name = v_name and s.kind = 'queue') then
      raise exception using errcode = 'HD409', message = format('"%s" exists already, as a bound queue', v_name),
        hint = format('Choose another name for the %s, or drop the queue first.', v_kind);
    end if;
    insert into howdah.stream (name, kind, retention, once_window, max_payload, ttl, headers, unroutable, park_in)
    values (v_name, v_kind, v_new.retention, v_new.once_window, v_new.max_payload, v_new.ttl, v_new.headers, v_new.unroutable,
      v_new.park_in)
    on conflict (name) do nothing;
  end loop;
  if v_stream.kind <> v_kind then
    raise exception using errcode = 'HD409', message = format('"%s" exists already, as a %s', v_name, v_stream.kind),
      hint = format('Choose another name for the %s, or drop the %s first.', v_kind, v_stream.kind);
  end if;
  return v_stream.id;
end
$$;

-- functions/stream/alter_stream.sql
-- Changes options of a stream, also of a queue's own one; those that are not named stay as they are. Holds for what is
-- published by statements that begin after this has committed. Waits for a claim that gives positions, and publishers do
-- not wait for it. Raises HD404, 22023 (see with_stream_options).
create or replace function howdah.alter_stream(name text, options json) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_stream howdah.stream;
begin
  if alter_stream.options is null then
    raise exception using errcode = '22023', message = 'options must be a JSON object but was null',
      hint = 'Name what is to change, for example {"ttl": "1 hour"}.';
  end if;
  select s.* into v_stream from howdah.stream s
  where s.name = alter_stream.name and s.kind <> 'return' for no key update;
  if not found then
    perform howdah.fail_unknown('stream', alter_stream.name);
  end if;
  v_stream := howdah.with_stream_options(v_stream, alter_stream.options);
  update howdah.stream s
  set retention = v_stream.retention, once_window = v_stream.once_window, max_payload = v_stream.max_payload,
    ttl = v_stream.ttl, headers = v_stream.headers, unroutable = v_stream.unroutable, park_in = v_stream.park_in
  where s.id = v_stream.id;
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
      message = format('"%s" is not a valid %s name', coalesce(regexp_replace(left(name, 255), '[[:cntrl:]]', '?', 'g'),
        '(null)'), kind),
      hint = 'A name starts with a letter or digit and has 1 to 255 characters of A-Z a-z 0-9 _ . : / -';
  end if;
end
$$;

-- functions/stream/create_stream.sql
-- Creates a stream, which keeps its messages for `retention` (null: as configured) even when everybody has read them, and
-- returns its id; an existing stream of that name stays as it is, its options too; alter_stream changes them. Raises 22023
-- for a bad name, retention or options, HD404 for a queue to park in that does not exist, HD409 if the name is a queue's.
create or replace function howdah.create_stream(
  name text,
  retention interval default null,
  options json default null
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if create_stream.retention not between '0' and '10 years' then
    raise exception using errcode = '22023', message = 'retention must be between 0 and 10 years',
      hint = 'Unread messages of a subscription are kept in any case.';
  end if;
  return howdah.add_stream(create_stream.name, 'stream',
    coalesce(create_stream.retention, howdah.setting_of('stream_retention')::interval), create_stream.options);
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

-- functions/stream/describe_stream.sql
-- What a stream is, or all of them, also those of queues: its options with their values, how many messages it has ever given
-- a position or has committed since, how many of its messages nobody took and were hence dropped or parked, and when it was
-- made. Changes nothing. Raises HD404.
create or replace function howdah.describe_stream(name text default null)
returns table (stream text, kind text, options json, published bigint, unroutable bigint, created_at timestamptz)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  if describe_stream.name is not null
    and not exists (select from howdah.stream s where s.name = describe_stream.name and s.kind <> 'return') then
    perform howdah.fail_unknown('stream', describe_stream.name);
  end if;
  return query
  select s.name, s.kind, howdah.stream_options_of(s),
    howdah.last_position(s.id) + (howdah.unsequenced(s.id, 2147483647)).n,
    (select coalesce(sum(y.n), 0)::bigint from howdah.tally y where y.stream = s.id and y.what = 'unroutable'), s.created_at
  from howdah.stream s
  where s.kind <> 'return' and (describe_stream.name is null or s.name = describe_stream.name)
  order by s.name;
end
$$;

-- functions/stream/drop_stream.sql
-- Drops a stream and its messages; false if there is none. Raises HD409 if it has subscriptions, or is a queue, unless
-- `force` drops them too, or if another stream parks in it. Subscriptions are locked before their stream, as claim does. Ids
-- are never used again, so nothing old can reach a new stream of the same name.
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
  perform howdah.stop_parking(v_stream.id, v_stream.name, drop_stream.force);
  perform howdah.drop_subscription(v_sub, true) from unnest(v_subs) v_sub;
  perform from howdah.stream s where s.id = v_stream.id for update;
  delete from howdah.due d where d.stream = v_stream.id;
  delete from howdah.once o where o.stream = v_stream.id;
  delete from howdah.tally t where t.stream = v_stream.id;
  delete from howdah.stream s where s.id = v_stream.id;
  return true;
end
$$;

-- functions/stream/fail_unknown.sql
-- Raises HD404: the one place that says that a stream, subscription or queue does not exist, that it has expired, if it has,
-- and what to do.
create or replace function howdah.fail_unknown(kind text, name text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_expired howdah.expired;
begin
  select e.* into v_expired from howdah.expired e where e.name = fail_unknown.name order by e.no desc limit 1;
  raise exception using errcode = 'HD404',
    message = format('%s "%s" does not exist%s', kind, coalesce(regexp_replace(left(name, 255), '[[:cntrl:]]', '?', 'g'),
      '(null)'),
      case when v_expired.no is not null then
        format(' any more: it expired at %s, after %s without a consumer', v_expired.at, v_expired.expires_after) end),
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
  expires_at timestamptz,
  keeps_key boolean,
  origin bigint,
  tick bigint,
  seq bigint,
  xid bigint,
  seg smallint
)
language sql stable
as $$
  select m.position, m.attempt, m.published_at, m.id, m.topic, m.key, m.headers, m.payload, m.body, m.content_type,
    m.failed_at, m.expires_at, m.keeps_key, m.origin, m.first, m.seq, m.xid, m.seg
  from (
    select t.first + b.skipped + row_number() over (partition by t.first order by l.seq) - 1 as position, l.attempt,
      l.published_at, l.id, l.topic, l.key, l.headers, l.payload, l.body, l.content_type, l.failed_at,
      l.expires_at, l.keeps_key, l.origin, t.first, l.seq, l.xid, l.seg
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

-- functions/stream/position_from.sql
-- The first position of a stream whose message was published at a time or later; null if none of those that have a position
-- was. All that lies before it was published earlier; of what follows, what waited for its commit or its due time may have
-- been, too. Looks at the ticks first: what was published then got its position then or later.
create or replace function howdah.position_from(v_stream int, v_time timestamptz) returns bigint
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
  v_first constant bigint := (select min(t.first) from howdah.tick t where t.stream = v_stream and t.at >= v_time);
  v_tick record;
  v_position bigint;
begin
  for v_tick in
    select t.first, t.n from howdah.tick t where t.stream = v_stream and t.first >= v_first order by t.first
  loop
    select min(m.position) into v_position
    from howdah.messages_between(v_stream, v_tick.first, v_tick.first + v_tick.n - 1) m
    where m.published_at >= v_time;
    exit when v_position is not null;
  end loop;
  return v_position;
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

-- functions/stream/start_cursor.sql
-- Where a cursor of a stream has to stand so that it starts with what is asked for: one of `start` (now, beginning), a time,
-- or a position; with nothing, now. Now gives positions to all that has been committed, and starts after it. A time starts
-- with the first message that was published then or later. The caller keeps rotation away (see create_subscription).
-- Raises 22023 for what contradicts itself or lies in the future, HD416 where messages from there on are gone already:
-- nothing is skipped in silence. 55P03 when another session has been sequencing for a second.
create or replace function howdah.start_cursor(
  v_stream int,
  v_start text,
  v_time timestamptz,
  v_position bigint
) returns bigint
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_gone howdah.horizon;
  v_last bigint;
  v_bad text;
begin
  v_bad := case
    when num_nonnulls(v_start, v_time, v_position) > 1 then 'start, start_time and start_position exclude each other'
    when v_start not in ('now', 'beginning') then format('start must be now or beginning but was %s', left(v_start, 40))
    when v_time > howdah.now() or not isfinite(v_time) then format('start_time must be a time that is past but was %s', v_time)
    when v_position < 1 then format('start_position must be at least 1 but was %s', v_position)
  end;
  if v_bad is null and v_start is distinct from 'beginning' then
    select t.first + t.n - 1 into v_last from howdah.sequence_stream(v_stream) t;
    if v_last is null then
      raise exception using errcode = '55P03', message = 'the stream is being sequenced by another session',
        hint = 'Try again; look for a session that is idle in transaction after a claim.';
    elsif v_position > v_last + 1 then
      v_bad := format('start_position %s lies in the future: the last position is %s', v_position, v_last);
    end if;
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'now takes what is published from now on, beginning what the stream still has; or give a time or a position.';
  end if;

  select h.* into v_gone from howdah.horizon h where h.stream = v_stream;
  if v_position <= v_gone.position then
    raise exception using errcode = 'HD416',
      message = format('position %s is gone, and so are the %s message(s) from there to position %s', v_position,
        v_gone.position - v_position + 1, v_gone.position),
      hint = format('The stream starts with position %s now; start => ''beginning'' takes what it still has.',
        v_gone.position + 1);
  elsif v_time <= v_gone.at then
    raise exception using errcode = 'HD416',
      message = format('messages that were published up to %s, position %s, are gone', v_gone.at, v_gone.position),
      hint = 'Give a later time; start => ''beginning'' takes what the stream still has.';
  end if;
  return case
    when v_start = 'beginning' then coalesce(v_gone.position, 0)
    when v_position is not null then v_position - 1
    when v_time is not null then coalesce(howdah.position_from(v_stream, v_time) - 1, v_last)
    else v_last
  end;
end
$$;

-- functions/stream/stop_parking.sql
-- Before a stream goes in which others park what nobody takes: raises HD409, or with v_force has them keep it from now on.
create or replace function howdah.stop_parking(v_stream int, v_name text, v_force boolean) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_from text;
begin
  select s.name into v_from from howdah.stream s where s.park_in = v_stream order by s.name limit 1;
  if found and not v_force then
    raise exception using errcode = 'HD409',
      message = format('stream "%s" parks what nobody takes in "%s"', v_from, v_name),
      hint = 'Give that stream another option unroutable first, or drop with force => true; then it keeps such messages.';
  end if;
  update howdah.stream s set unroutable = 'keep', park_in = null where s.park_in = v_stream;
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

-- functions/stream/stream_option_names.sql
-- The options of a stream; what else a queue is given belongs to its subscription.
create or replace function howdah.stream_option_names() returns text[]
language sql immutable
as $$ select '{retention, once_window, max_payload, ttl, headers, unroutable, park_in}'::text[] $$;

-- functions/stream/stream_options_of.sql
-- The options of a stream, all of them, as with_stream_options takes them; times as ISO 8601.
create or replace function howdah.stream_options_of(v_stream howdah.stream) returns json
language sql stable
set search_path = pg_catalog, pg_temp
set intervalstyle = 'iso_8601'
as $$
  select json_strip_nulls(json_build_object(
    'retention', v_stream.retention::text,
    'once_window', v_stream.once_window::text,
    'max_payload', v_stream.max_payload,
    'ttl', coalesce(v_stream.ttl::text, 'infinite'),
    'headers', coalesce(v_stream.headers, '{}'),
    'unroutable', v_stream.unroutable,
    'park_in', (
      select coalesce(b.name, p.name)
      from howdah.stream p left join howdah.subscription b on b.return_stream = p.id
      where p.id = v_stream.park_in)))
$$;

-- functions/stream/unsequenced.sql
-- How many messages of a stream have been committed and have no position yet, counted up to a limit, and when the oldest
-- and the newest of these were published. Locks and writes nothing; what it sees may have been sequenced by others a
-- moment later. After
-- a restore that nothing has been sequenced in yet it says 1: sequence the stream to learn more.
create or replace function howdah.unsequenced(
  v_stream int,
  v_limit int,
  out n bigint,
  out oldest timestamptz,
  out newest timestamptz
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
    select count(*), min(l.published_at), max(l.published_at) into n, oldest, newest
    from howdah.left_behind(v_stream, v_tick, v_epoch) l;
    if n > 0 then
      return;
    end if;
    v_tick.seen := '{}';
  end if;

  select howdah.finished(pg_current_snapshot()) into v_finished;
  select count(*), min(w.published_at), max(w.published_at) into n, oldest, newest
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

-- functions/stream/with_stream_options.sql
-- A stream with options changed; it is not stored. A row of nulls gets the defaults, some of them as configured. The one
-- place that knows their values; stream_option_names lists them. Raises 22023 for an unknown option, a value that cannot
-- be, or options that contradict each other; HD404 for a queue to park in that does not exist.
create or replace function howdah.with_stream_options(v_stream howdah.stream, v_options json) returns howdah.stream
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_given constant jsonb := coalesce(v_options, '{}');
  v_value jsonb;
  v_bad text;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'options must be a JSON object',
      hint = 'For example {"ttl": "1 hour", "unroutable": "error"}.';
  end if;
  select k into v_bad
  from jsonb_object_keys(v_given) k
  where k <> all (howdah.stream_option_names())
  order by k limit 1;
  if found then
    raise exception using errcode = '22023', message = format('a stream has no option "%s"', left(v_bad, 80)),
      hint = format('Options are %s.', array_to_string(howdah.stream_option_names(), ', '));
  end if;

  v_stream.retention := coalesce(v_stream.retention, '0');
  v_stream.once_window := coalesce(v_stream.once_window, howdah.setting_of('once_window')::interval);
  v_stream.max_payload := coalesce(v_stream.max_payload, pg_size_bytes(howdah.setting_of('max_payload')));
  v_stream.unroutable := coalesce(v_stream.unroutable, 'keep');
  if v_given ? 'retention' then
    v_stream.retention := howdah.option_interval('retention', v_given -> 'retention', '0');
  end if;
  if v_given ? 'once_window' then
    v_stream.once_window := howdah.option_interval('once_window', v_given -> 'once_window', '1 ms');
    if v_stream.once_window > '30 days' then
      v_bad := 'once_window must be at most 30 days';
    end if;
  end if;
  if v_given ? 'max_payload' then
    v_value := v_given -> 'max_payload';
    if jsonb_typeof(v_value) = 'number' and v_value::numeric between 1 and 268435456 and v_value::numeric % 1 = 0 then
      v_stream.max_payload := v_value::int;
    else
      v_bad := format('max_payload must be a whole number of bytes up to 268435456 but was %s', left(v_value::text, 80));
    end if;
  end if;
  if v_given ? 'ttl' then
    v_stream.ttl := case when v_given -> 'ttl' <> '"infinite"' then howdah.option_interval('ttl', v_given -> 'ttl', '1 ms') end;
  end if;
  if v_given ? 'headers' then
    perform howdah.check_messages(1024, array['1'], null, null, array[left((v_given -> 'headers')::text, 16385)], null);
    v_stream.headers := nullif(v_given -> 'headers', '{}');
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad, hint = 'The other options are as they were.';
  end if;
  return howdah.with_unroutable_options(v_stream, v_given);
end
$$;

-- functions/stream/with_unroutable_options.sql
-- A stream with its options about messages that no subscription takes changed, for with_stream_options: they are kept in the
-- stream, refused, dropped and counted, or parked in a queue. Raises 22023, HD404.
create or replace function howdah.with_unroutable_options(v_stream howdah.stream, v_given jsonb) returns howdah.stream
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad text;
begin
  if v_given ? 'unroutable' then
    v_stream.unroutable := v_given ->> 'unroutable';
    if v_stream.unroutable is null or v_stream.unroutable not in ('keep', 'error', 'drop', 'park') then
      v_bad := format('unroutable must be keep, error, drop or park but was %s', left((v_given -> 'unroutable')::text, 80));
    elsif v_stream.unroutable <> 'park' then
      v_stream.park_in := null;
    end if;
  end if;
  if v_bad is null and v_given ? 'park_in' then
    if jsonb_typeof(v_given -> 'park_in') <> 'string' or v_stream.unroutable <> 'park' then
      v_bad := 'park_in is the name of a queue, and belongs to unroutable park';
    else
      v_stream.park_in := howdah.stream_id(v_given ->> 'park_in');
    end if;
  end if;
  if v_bad is null and v_stream.unroutable = 'park' and v_stream.park_in is null then
    v_bad := 'unroutable park needs park_in, the queue for what nobody takes';
  elsif v_bad is null and v_stream.park_in = v_stream.id then
    v_bad := 'a stream cannot park in itself';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'For example {"unroutable": "drop"} or {"unroutable": "park", "park_in": "lost"}.';
  end if;
  return v_stream;
end
$$;

-- functions/subscription/alter_subscription.sql
-- Changes options of a subscription, also of a queue's own one; those that are not named stay as they are. Holds for
-- every failure that is settled and every claim that is made afterwards; other limits wake the consumers (a NOTIFY, so not in
-- a transaction that is to be prepared). Waits for a claim that is under way. Raises HD404, 22023 (see with_options).
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
    jitter = v_sub.jitter, after_last = v_sub.after_last, blocking = v_sub.blocking,
    archive_retention = v_sub.archive_retention, after_expiry = v_sub.after_expiry, concurrency = v_sub.concurrency,
    rate = v_sub.rate, rate_period = v_sub.rate_period, single_active = v_sub.single_active,
    expires_after = v_sub.expires_after, partition_no = v_sub.partition_no, partition_count = v_sub.partition_count,
    filtered = s.filtered or v_sub.partition_count is not null
  where s.id = v_sub.id;
  perform howdah.begin_activity(v_sub);
  if alter_subscription.options::jsonb ?| '{concurrency,rate,rate_period,single_active}' then
    perform howdah.wake(v_sub.name);
  end if;
end
$$;

-- functions/subscription/begin_activity.sql
-- Lets the time begin after which a subscription expires, if it does, and ends it, if it does not any more.
create or replace function howdah.begin_activity(v_sub howdah.subscription) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_sub.expires_after is null then
    delete from howdah.activity a where a.sub = v_sub.id;
  else
    insert into howdah.activity (sub, at) values (v_sub.id, howdah.now())
    on conflict (sub) do update set at = excluded.at;
  end if;
end
$$;

-- functions/subscription/create_shadow.sql
-- Creates a subscription with the options and bindings of another one, which it does not disturb, and returns its id: to
-- read a stream once more beside it. Where it starts: see create_subscription. The bindings hold from there on.
-- Raises HD404 for the original, HD409 if the name is taken, HD416, 22023, 0A000.
create or replace function howdah.create_shadow(
  name text,
  original text,
  start text default null,
  start_time timestamptz default null,
  start_position bigint default null
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_from howdah.subscription;
  v_id int;
begin
  select s.* into v_from from howdah.subscription s where s.name = create_shadow.original for key share;
  if not found then
    perform howdah.fail_unknown('subscription', create_shadow.original);
  elsif exists (select from howdah.subscription s where s.name = create_shadow.name) then
    raise exception using errcode = 'HD409', message = format('"%s" is already a subscription', create_shadow.name),
      hint = 'Choose another name for the shadow, or drop what has this one.';
  end if;
  v_id := howdah.create_subscription(create_shadow.name, (select t.name from howdah.stream t where t.id = v_from.stream),
    create_shadow.start, howdah.options_of(v_from), create_shadow.start_time, create_shadow.start_position);
  insert into howdah.binding (sub, since, patterns, expression)
  select v_id, 0, b.patterns, b.expression from howdah.binding b where b.sub = v_from.id order by b.since desc limit 1;
  if found then
    update howdah.subscription s set filtered = true where s.id = v_id;
  end if;
  return v_id;
end
$$;

-- functions/subscription/create_subscription.sql
-- Creates a durable reader of a stream and returns its id; an existing one of that name on that stream stays as it is,
-- its options too, but that it expires no sooner than asked for here; alter_subscription changes them.
--
-- It starts with what is committed from now on (a message whose transaction is still running belongs to it), or, by
-- start => 'beginning', with what the stream still has, or with what was published at start_time or later, or with the
-- message at start_position. The start is a first slice without messages, because the newest slice is where a
-- subscription's cursor is. The duty row keeps rotation away meanwhile, which would not see this subscription.
-- Raises HD404 for an unknown stream, HD409 if the name is another stream's subscription, HD416 for a start that is gone,
-- 22023, 0A000.
create or replace function howdah.create_subscription(
  name text,
  stream text,
  start text default null,
  options json default null,
  start_time timestamptz default null,
  start_position bigint default null
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
  select s.id into v_stream from howdah.stream s where s.name = create_subscription.stream and s.kind <> 'return';
  if not found then
    perform howdah.fail_unknown('stream', create_subscription.stream);
  end if;

  select s.* into v_sub from howdah.subscription s where s.name = create_subscription.name;
  if found then
    return howdah.join_subscription(v_sub, v_stream, v_new);
  end if;
  perform from howdah.duty d where d.name = 'rotate' for share;
  perform from howdah.stream s where s.id = v_stream for no key update;
  if not found then
    perform howdah.fail_unknown('stream', create_subscription.stream);
  end if;
  select s.* into v_sub from howdah.subscription s where s.name = create_subscription.name;
  if found then
    return howdah.join_subscription(v_sub, v_stream, v_new);
  end if;

  v_position := howdah.start_cursor(v_stream, create_subscription.start, create_subscription.start_time,
    create_subscription.start_position);
  insert into howdah.stream (name, kind) values ('~' || create_subscription.name, 'return') returning id
  into v_sub.return_stream;
  insert into howdah.subscription (name, stream, return_stream, max_attempts, backoff, delays, delay_cap, jitter, after_last,
    archive_retention, ordering, blocking, after_expiry, concurrency, rate, rate_period, single_active, expires_after,
    partition_no, partition_count, filtered)
  values (create_subscription.name, v_stream, v_sub.return_stream, v_new.max_attempts, v_new.backoff, v_new.delays,
    v_new.delay_cap, v_new.jitter, v_new.after_last, v_new.archive_retention,
    v_new.ordering, v_new.blocking, v_new.after_expiry, v_new.concurrency, v_new.rate, v_new.rate_period,
    v_new.single_active, v_new.expires_after, v_new.partition_no, v_new.partition_count, v_new.partition_count is not null)
  returning * into v_sub;
  insert into howdah.slice (seg, attempt, sub, no, source_at, return_at, floor, src, from_pos, to_pos, n, token, deadline,
    at, reaped_at)
  values (howdah.current_segment(), 0, v_sub.id, 1, v_position, 0, 1, v_stream, v_position + 1, v_position, 0, 0,
    'infinity', howdah.now(), howdah.now());
  perform howdah.begin_activity(v_sub);
  return v_sub.id;
end
$$;

-- functions/subscription/describe.sql
-- What a subscription is, or all of them: its stream, what kind that is, its options with their values, and when it was
-- made, its bindings (null: it takes everything), and whether it is paused. Its numbers are in stats(). Raises HD404 for an
-- unknown name.
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
-- messages (ready, in flight, scheduled, dead or archived), or a stream parks in it, unless `force` gives that up.
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
    select s.ready + s.in_flight + s.scheduled + s.dead + s.blocked + (select count(*) from howdah.archive a
      where a.sub = v_sub.id)
    into v_held
    from howdah.stats(v_sub.name) s;
    if v_held > 0 then
      raise exception using errcode = 'HD409',
        message = format('subscription "%s" still holds %s message(s)', v_sub.name, v_held),
        hint = 'Settle them first, or drop it with force => true; they are lost then.';
    end if;
  end if;
  perform howdah.stop_parking(v_sub.return_stream, v_sub.name, drop_subscription.force);
  delete from howdah.due d where d.stream = v_sub.return_stream;
  delete from howdah.dead_letter d where d.sub = v_sub.id;
  delete from howdah.archive a where a.sub = v_sub.id;
  delete from howdah.once o where o.stream = v_sub.return_stream;
  delete from howdah.tally t where t.sub = v_sub.id;
  delete from howdah.parked p where p.sub = v_sub.id;
  delete from howdah.lane l where l.sub = v_sub.id;
  delete from howdah.blocked b where b.sub = v_sub.id;
  delete from howdah.held h where h.sub = v_sub.id;
  delete from howdah.handed h where h.sub = v_sub.id;
  delete from howdah.started_late l where l.sub = v_sub.id;
  delete from howdah.sleeper s where s.sub = v_sub.id;
  delete from howdah.subscription s where s.id = v_sub.id;
  delete from howdah.stream s where s.id = v_sub.return_stream;
  return true;
end
$$;

-- functions/subscription/expire_subscriptions.sql
-- Drops subscriptions that nobody has used for as long as after which they expire, with what they hold, and tells so: here,
-- and in expired_subscriptions(). A queue goes with its stream, unless that has other readers: then it stays. Those that
-- are being claimed now are left alone.
create or replace function howdah.expire_subscriptions() returns table (action text, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_sub howdah.subscription;
  v_stream howdah.stream;
  v_lost bigint;
begin
  delete from howdah.expired e where e.at < howdah.now() - interval '30 days';
  for v_sub in
    select s.* from howdah.subscription s join howdah.activity a on a.sub = s.id
    where s.expires_after is not null and a.at < howdah.now() - s.expires_after
  loop
    select s.* into v_sub from howdah.subscription s where s.id = v_sub.id for update skip locked;
    continue when not found;
    continue when not howdah.is_inactive(v_sub);
    select s.* into strict v_stream from howdah.stream s where s.id = v_sub.stream;
    if v_stream.name = v_sub.name then
      continue when exists (select from howdah.subscription s where s.stream = v_sub.stream and s.id <> v_sub.id);
    end if;
    select s.ready + s.in_flight + s.scheduled + s.dead into v_lost from howdah.stats(v_sub.name) s;
    insert into howdah.expired (name, stream, expires_after, at, lost)
    values (v_sub.name, v_stream.name, v_sub.expires_after, howdah.now(), v_lost);
    if v_stream.name = v_sub.name then
      perform howdah.drop_queue(v_sub.name, true);
    else
      perform howdah.drop_subscription(v_sub.name, true);
    end if;
    return query select 'expired', format('subscription %s, which nobody has used for %s, with %s message(s)', v_sub.name,
      v_sub.expires_after, v_lost);
  end loop;
end
$$;

-- functions/subscription/expired_subscriptions.sql
-- The subscriptions that have expired in the last 30 days, the newest first: after which time without use, and how many
-- messages they held, dead letters included.
create or replace function howdah.expired_subscriptions()
returns table (subscription text, stream text, expires_after interval, expired_at timestamptz, lost bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select e.name, e.stream, e.expires_after, e.at, e.lost from howdah.expired e order by e.no desc
$$;

-- functions/subscription/is_inactive.sql
-- Whether nobody has claimed from a subscription, or renewed or settled what he had, for as long as after which it expires.
-- Never too early: the note of a claim may be an eighth of that time old, and counts that much longer; a lease counts
-- until it ends. The caller holds the subscription's lock.
create or replace function howdah.is_inactive(v_sub howdah.subscription) returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  v_used timestamptz := (select a.at + v_sub.expires_after / 8 from howdah.activity a where a.sub = v_sub.id);
begin
  if v_used + v_sub.expires_after >= howdah.now() then
    return false;
  end if;
  v_used := greatest(v_used,
    (select max(o.deadline) from howdah.open_slices(howdah.newest_slice(v_sub.id)) o where o.token <> 0),
    (select max(c.at) from (select c.at from howdah.closed c where c.sub = v_sub.id order by c.no desc limit 1000) c));
  return v_used + v_sub.expires_after < howdah.now();
end
$$;

-- functions/subscription/join_subscription.sql
-- What create_subscription does with a subscription that is there already: it expires no sooner than v_new asks for, never
-- if that never does. Being asked for counts as use. Returns its id. Raises HD409 if it reads another stream.
create or replace function howdah.join_subscription(
  v_sub howdah.subscription,
  v_stream int,
  v_new howdah.subscription
) returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_sub.stream <> v_stream then
    raise exception using errcode = 'HD409', message = format('"%s" is already a subscription of another stream', v_sub.name),
      hint = 'Names of subscriptions are unique in the database: choose another.';
  end if;
  if v_sub.expires_after < v_new.expires_after or v_sub.expires_after is not null and v_new.expires_after is null then
    update howdah.subscription s
    set expires_after = v_new.expires_after
    where s.id = v_sub.id and (s.expires_after < v_new.expires_after or v_new.expires_after is null)
    returning * into v_sub;
  end if;
  perform howdah.touch(v_sub);
  return v_sub.id;
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
      select l.published_at
      from (select * from howdah.parked p where p.sub = v_sub.id order by p.position limit 1) p
        join howdah.log l on l.seg = p.seg and l.stream = p.src and l.xid = p.xid and l.seq = p.seq
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
    v_time := case when jsonb_typeof(v_value) = 'string'
      then make_interval(secs => extract(epoch from (v_value #>> '{}')::interval)::float8) end;
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

-- functions/subscription/option_limit.sql
-- The value of an option that limits a number of messages: a whole number from 1 to 1,000,000; null for "infinite". Raises
-- 22023.
create or replace function howdah.option_limit(v_name text, v_value jsonb) returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if v_value = '"infinite"' then
    return null;
  elsif jsonb_typeof(v_value) = 'number' and v_value::numeric between 1 and 1000000 and v_value::numeric % 1 = 0 then
    return v_value::int;
  end if;
  raise exception using errcode = '22023',
    message = format('%s must be a whole number from 1 to 1000000 or "infinite" but was %s', v_name, left(v_value::text, 80)),
    hint = 'pause() stops all deliveries; "infinite" takes the limit away.';
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
    'ordering', v_sub.ordering,
    'blocking', v_sub.blocking,
    'archive_retention', coalesce(v_sub.archive_retention::text, 'infinite'),
    'after_expiry', v_sub.after_expiry,
    'concurrency', coalesce(to_json(v_sub.concurrency), '"infinite"'),
    'rate', coalesce(to_json(v_sub.rate), '"infinite"'),
    'rate_period', case when v_sub.rate is not null then v_sub.rate_period::text end,
    'single_active', v_sub.single_active,
    'expires_after', coalesce(v_sub.expires_after::text, 'never'),
    'partition', coalesce(v_sub.partition_no || ' of ' || v_sub.partition_count, 'all')))
$$;

-- functions/subscription/share_subscription.sql
-- A subscription of a stream for all who ask for the same one: with these bindings (null: everything) and options. Returns
-- its name. It is compared in full; who comes second gets the first one's, which then expires no sooner than he asks for,
-- never if he does not ask. A new one starts now. Its row in duty makes those who ask come one after the other.
-- Raises HD404 for the stream, 22023, 0A000.
create or replace function howdah.share_subscription(
  stream text,
  patterns text[] default null,
  options json default null
) returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_new constant howdah.subscription := howdah.with_options(null, share_subscription.options);
  v_set constant text[] := case when share_subscription.patterns is not null
    then array(select distinct p from unnest(share_subscription.patterns) p order by p) end;
  v_name text;
begin
  perform howdah.require_read_committed('share_subscription');
  perform from howdah.duty d where d.name = 'share' for no key update;
  select s.name into v_name
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
  where t.name = share_subscription.stream and s.shared
    and howdah.options_of(s)::jsonb - 'expires_after' = howdah.options_of(v_new)::jsonb - 'expires_after'
    and howdah.current_bindings(s.id) is not distinct from v_set
  order by s.id
  limit 1;
  if found then
    perform howdah.create_subscription(v_name, share_subscription.stream, options => share_subscription.options);
    return v_name;
  end if;
  v_name := left('shared/' || share_subscription.stream, 230) || '/' || substr(replace(gen_random_uuid()::text, '-', ''), 1,
    12);
  perform howdah.create_subscription(v_name, share_subscription.stream, options => share_subscription.options);
  update howdah.subscription s set shared = true where s.name = v_name;
  if v_set is not null then
    perform howdah.set_bindings(v_name, v_set);
  end if;
  return v_name;
end
$$;

-- functions/subscription/stats.sql
-- What a subscription holds, or all of them: messages that are ready (committed, not handed out), in flight (handed out,
-- not settled), scheduled and dead; how many its stream has ever given a position or has committed since; since when the
-- oldest ready one has been waiting; how many were discarded after their last attempt; how many wait behind a message of
-- their key that failed, itself included; how many have expired before they could be handed out; how many are archived; and
-- when the newest message of the stream was published, if it is still there. A snapshot of a moving thing; changes
-- nothing. Raises HD404 for an unknown name.
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
  discarded bigint,
  blocked bigint,
  expired bigint,
  archived bigint,
  newest timestamptz
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
  select s.name, t.name, s.kind, backlog.n + free.n + parked.n - parked.blocked, taken.n, scheduled.n, dead.n,
    source.published, oldest.at,
    counted.discarded, parked.blocked, counted.expired,
    archived.n, coalesce(source.newest, newest.at)
  from howdah.subscription s
    join howdah.stream t on t.id = s.stream
    cross join lateral (select h.* from howdah.slice h where h.sub = s.id order by h.no desc limit 1) head
    cross join lateral (
      select howdah.last_position(s.stream) + u.n as published, u.newest,
        howdah.last_position(s.return_stream) + (howdah.unsequenced(s.return_stream, 2147483647)).n as returned
      from howdah.unsequenced(s.stream, 2147483647) u
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
          where d.stream = s.stream and d.recurring is null and (not s.filtered or howdah.takes(s.id, d.topic)
            and howdah.in_partition(s, d.key, d.id))) as n
    ) scheduled
    cross join lateral (select count(*) as n from howdah.dead_letter d where d.sub = s.id) dead
    cross join lateral (
      select coalesce(sum(y.n) filter (where y.what = 'discarded'), 0)::bigint as discarded,
        coalesce(sum(y.n) filter (where y.what = 'expired'), 0)::bigint as expired
      from howdah.tally y
      where y.sub = s.id
    ) counted
    cross join lateral (
      select count(*) as n, count(*) filter (where b.due > howdah.now()) as blocked
      from howdah.parked p
        left join howdah.blocked b on b.sub = p.sub and b.key_hash = p.key_hash
      where p.sub = s.id
    ) parked
    cross join lateral (select count(*) as n from howdah.archive a where a.sub = s.id) archived
    cross join lateral (
      select max(m.published_at) as at
      from howdah.last_position(s.stream) l cross join lateral howdah.messages_between(s.stream, l, l) m
    ) newest
    cross join lateral (select howdah.oldest_ready(s, head) as at) oldest
  where stats.name is null or s.name = stats.name
  order by s.name;
end
$$;

-- functions/subscription/touch.sql
-- Notes that a subscription that expires is used: a row that is written once in an eighth of its time, and left to others
-- who are writing it. is_inactive knows how coarse that is.
create or replace function howdah.touch(v_sub howdah.subscription) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := howdah.now();
begin
  if v_sub.expires_after is null
    or exists (select from howdah.activity a where a.sub = v_sub.id and a.at between v_now - v_sub.expires_after / 8 and v_now)
  then
    return;
  end if;
  perform from howdah.activity a where a.sub = v_sub.id for update skip locked;
  if found then
    update howdah.activity a set at = v_now where a.sub = v_sub.id;
  end if;
end
$$;

-- functions/subscription/with_limit_options.sql
-- A subscription with its limits changed, for with_options: how many messages may be in flight, how many may be handed out in
-- a period, whether one consumer at a time gets them. A row of nulls gets the defaults: no limit. Raises 22023.
create or replace function howdah.with_limit_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  v_sub.rate_period := coalesce(v_sub.rate_period, '1 s');
  v_sub.single_active := coalesce(v_sub.single_active, false);
  if v_given ? 'concurrency' then
    v_sub.concurrency := howdah.option_limit('concurrency', v_given -> 'concurrency');
  end if;
  if v_given ? 'rate' then
    v_sub.rate := howdah.option_limit('rate', v_given -> 'rate');
    v_sub.rate_period := case when v_sub.rate is null then '1 s' else v_sub.rate_period end;
  end if;
  if v_given ? 'rate_period' then
    v_sub.rate_period := howdah.option_interval('rate_period', v_given -> 'rate_period', '1 s');
    if v_sub.rate_period > '1 day' then
      raise exception using errcode = '22023',
        message = format('rate_period must be at most 1 day but was %s', v_sub.rate_period),
        hint = 'Choose a shorter period and a lower rate.';
    elsif v_sub.rate is null then
      raise exception using errcode = '22023', message = 'rate_period needs a rate',
        hint = 'For example {"rate": 100, "rate_period": "1 min"}.';
    end if;
  end if;
  if v_given ? 'single_active' then
    if jsonb_typeof(v_given -> 'single_active') <> 'boolean' then
      raise exception using errcode = '22023',
        message = format('single_active must be true or false but was %s', left((v_given -> 'single_active')::text, 80)),
        hint = 'With true, one consumer at a time gets the messages, and another takes over when it is gone.';
    end if;
    v_sub.single_active := (v_given -> 'single_active')::boolean;
  end if;
  return v_sub;
end
$$;

-- functions/subscription/with_options.sql
-- A subscription with options changed; it is not stored. The one place that knows which options there are; the functions
-- that it calls know their defaults (which a row of nulls gets), and what fits what.
-- Raises 22023 for an unknown option, a value that cannot be, or options that contradict each other.
create or replace function howdah.with_options(v_sub howdah.subscription, v_options json) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_names constant text[] := '{max_attempts, backoff, delay, delays, base, cap, jitter, after_last, archive_retention,
    ordering, blocking, after_expiry, concurrency, rate, rate_period, single_active, expires_after, partition}';
  v_given constant jsonb := coalesce(v_options, '{}');
  v_bad text;
begin
  if jsonb_typeof(v_given) <> 'object' then
    raise exception using errcode = '22023', message = 'options must be a JSON object',
      hint = 'For example {"max_attempts": 5, "backoff": "fixed", "delay": "10 s"}.';
  end if;
  select k into v_bad
  from jsonb_object_keys(v_given) k
  where k <> all (v_names)
  order by k limit 1;
  if found then
    raise exception using errcode = '22023', message = format('there is no option "%s"', left(v_bad, 80)),
      hint = format('Options are %s.', array_to_string(v_names, ', '));
  end if;

  v_sub := howdah.with_order_options(howdah.with_retry_options(v_sub, v_given), v_given);
  v_sub := howdah.with_partition_options(howdah.with_limit_options(v_sub, v_given), v_given);
  if v_given ? 'archive_retention' then
    v_sub.archive_retention := case
      when v_given -> 'archive_retention' <> '"infinite"'
        then howdah.option_interval('archive_retention', v_given -> 'archive_retention', '1 s')
    end;
  end if;
  if v_given ? 'expires_after' then
    v_sub.expires_after := case
      when v_given -> 'expires_after' <> '"never"'
        then howdah.option_interval('expires_after', v_given -> 'expires_after', '1 s')
    end;
  end if;
  v_sub.after_expiry := coalesce(v_sub.after_expiry, 'discard');
  if v_given ? 'after_expiry' then
    v_sub.after_expiry := v_given ->> 'after_expiry';
    if v_sub.after_expiry is null or v_sub.after_expiry not in ('discard', 'dead_letter') then
      raise exception using errcode = '22023',
        message = format('after_expiry must be discard or dead_letter but was %s', left((v_given -> 'after_expiry')::text, 80)),
        hint = 'It says what becomes of a message whose time to live is over before it could be handed out.';
    end if;
  end if;
  return v_sub;
end
$$;

-- functions/subscription/with_order_options.sql
-- A subscription with its options about order changed, for with_options. The order is chosen when it is created: what is
-- in flight was handed out by the old rule. Blocking (a failing message holds up what comes after it in its order) is the
-- default where there is an order; to block after the last attempt needs it. Raises 22023.
create or replace function howdah.with_order_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bad text;
begin
  if v_given ? 'ordering' and v_given ->> 'ordering' is distinct from v_sub.ordering then
    if v_sub.ordering is not null then
      v_bad := format('the ordering of a subscription cannot be changed, it is %s', v_sub.ordering);
    elsif coalesce(v_given ->> 'ordering', '') not in ('none', 'key', 'strict', 'job') then
      v_bad := format('ordering must be none, key, strict or job but was %s', left((v_given -> 'ordering')::text, 80));
    end if;
    v_sub.ordering := v_given ->> 'ordering';
  end if;
  v_sub.ordering := coalesce(v_sub.ordering, 'none');
  if v_given ? 'blocking' and jsonb_typeof(v_given -> 'blocking') <> 'boolean' then
    v_bad := coalesce(v_bad, format('blocking must be true or false but was %s', left((v_given -> 'blocking')::text, 80)));
  else
    v_sub.blocking := coalesce((v_given ->> 'blocking')::boolean, v_sub.blocking, v_sub.ordering <> 'none');
  end if;
  if v_bad is null and v_sub.blocking and v_sub.ordering = 'none' then
    v_bad := 'blocking needs an ordering';
  elsif v_bad is null and v_sub.after_last = 'block' and not v_sub.blocking then
    v_bad := 'after_last block needs an ordering that blocks';
  end if;
  if v_bad is not null then
    raise exception using errcode = '22023', message = v_bad,
      hint = 'Give an ordering when you create it, for example {"ordering": "key"}; to change it, create another.';
  end if;
  return v_sub;
end
$$;

-- functions/subscription/with_partition_options.sql
-- A subscription with its partition changed, for with_options: "2 of 8" takes the second of eight parts of the stream, "all"
-- all of it. Holds for everything that is not handed out yet. See partition_of. Raises 22023.
create or replace function howdah.with_partition_options(v_sub howdah.subscription, v_given jsonb)
returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := v_given ->> 'partition';
  v_parts constant text[] := regexp_match(v_text, '^\s*(\d{1,4})\s+of\s+(\d{1,4})\s*$');
begin
  if not v_given ? 'partition' then
    return v_sub;
  elsif v_text = 'all' then
    v_sub.partition_no := null;
    v_sub.partition_count := null;
  elsif v_parts[1]::int between 1 and v_parts[2]::int then
    v_sub.partition_no := v_parts[1]::int;
    v_sub.partition_count := v_parts[2]::int;
  else
    raise exception using errcode = '22023',
      message = format('partition must be all or n of m but was %s', left((v_given -> 'partition')::text, 80)),
      hint = 'For example "2 of 8": the second of eight parts. m is at most 9999.';
  end if;
  return v_sub;
end
$$;

-- functions/subscription/with_retry_options.sql
-- A subscription with its options about failure changed, for with_options: how often a message is tried, how long it waits
-- in between, what happens after the last attempt. A row of nulls gets the defaults. A new backoff begins with its own
-- defaults; times without a backoff change the one that is there. Raises 22023.
create or replace function howdah.with_retry_options(v_sub howdah.subscription, v_given jsonb) returns howdah.subscription
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value jsonb;
  v_bad text;
begin
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
    v_sub.after_last := case when v_given ->> 'after_last' in ('dead_letter', 'discard', 'block')
      then v_given ->> 'after_last' end;
    if v_sub.after_last is null then
      v_bad := format('after_last must be dead_letter, discard or block but was %s', left((v_given -> 'after_last')::text, 80));
    end if;
  end if;
  if v_sub.after_last <> 'dead_letter' and v_sub.max_attempts is null then
    v_bad := 'after_last ' || v_sub.after_last || ' cannot happen while max_attempts is infinite';
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
