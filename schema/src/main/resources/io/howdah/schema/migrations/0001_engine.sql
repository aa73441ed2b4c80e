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
-- Limited means that a claim has to ask what is permitted: see permit; key_limited, that keys have limits of their own.
-- Keyed means that claims look at keys, because there is an order, or keys are limited or were so (see cut_ordered).
-- Shared ones were made by share_subscription.
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
  key_concurrency int check (key_concurrency between 1 and 1000000),
  key_rate int check (key_rate between 1 and 1000000),
  key_rate_period interval not null default '1 s' check (key_rate_period between '1 s' and '1 day'),
  keyed boolean not null default false,
  key_limited boolean not null
    generated always as (key_rate is not null or key_concurrency is not null and ordering = 'none') stored,
  limited boolean not null
    generated always as (concurrency is not null or rate is not null or single_active
      or key_rate is not null or key_concurrency is not null and ordering = 'none') stored,
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

-- Messages of keyed subscriptions that lie behind the cursor and are not handed out, because one before them of the same
-- key is in flight or has failed, or the limits of their key have no room. First those that were handed out before
-- ('-infinity'), then as `at` says (the time of a job; else all the same), then by position. One key's messages come from
-- here before any after the cursor. seg is where the message lies: a ring child of the log, or 8 if it was carried.
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

create index parked_seg on howdah.parked (seg, sub);
create index parked_carried on howdah.parked (seq, src, sub) where seg = 8;

-- Copies of messages of the log that parked rows, or slices cut from them, refer to, made so that the segment which had
-- them could be emptied (see carry); under the identity that they have there, which no other message ever gets. Written by
-- housekeep only. seg is 8, which is no ring child.
create table howdah.carried (
  like howdah.log,
  primary key (seq, stream, xid),
  check (seg = 8)
);

create index carried_keeps_key on howdah.carried (id) where keeps_key;

-- A cell outside of MVCC: up to which seq drop_carried has looked.
create sequence howdah.carried_watermark minvalue 0 start 0;

-- Keys with parked messages that are not blocked, and since when it is their turn, or when their rate permits it; one that
-- has just become blocked may still be here. Written under the cutting lock only.
create table howdah.lane (
  sub int not null,
  key_hash bigint not null,
  since timestamptz not null,
  primary key (sub, key_hash)
);

create index lane_since on howdah.lane (sub, since);

-- Keys whose first message failed or was given back, and when it is handed out again: never, if an operator or the
-- options say so ('infinity'). Written by who settles the slice that has the key, else under the cutting lock. Whoever
-- deletes a row while the key has parked messages gives it a lane.
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

-- What a subscription with a rate has handed out, for as long as it counts: when, how many messages then, and by then in
-- all. The difference of two rows is what was handed out in between. key_hash 0 is the whole subscription, others are keys
-- that have a rate. Rows are added under the cutting lock.
create table howdah.handed (
  sub int not null,
  key_hash bigint not null,
  total bigint not null,
  n int not null,
  at timestamptz not null,
  primary key (sub, key_hash, total)
);

create index handed_at on howdah.handed (sub, key_hash, at);
create index handed_old on howdah.handed (sub, at);

-- Of what a subscription with a rate has handed out, what consumers say they have started noticeably later.
create table howdah.started_late (
  sub int not null,
  key_hash bigint not null,
  handed_at timestamptz not null,
  started_at timestamptz not null,
  n int not null
);

create index started_late_at on howdah.started_late (sub, key_hash, started_at);

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
  error text,
  failed bigint not null default 0
);

-- Messages that are not yet in the log: delays and retries (reason and error say why); and, without a message, when what
-- recurs is published next, published_at being the time that it stands for.
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
  error text,
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
