-- The queries of the golden catalogue: a heading, and the lines below it, in an order that depends on names only.
-- What differs between versions of PostgreSQL is left out.

-- # types
select format('%s (%s)', t.typname, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', '
  order by a.attnum))
from pg_type t join pg_class c on c.oid = t.typrelid join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
where t.typnamespace = 'howdah'::regnamespace and c.relkind = 'c'
group by t.typname order by t.typname collate "C";

-- # tables
select format('%s %s%s%s%s', case when c.relispartition then 'partition' else 'table' end, c.relname,
  case c.relkind when 'p' then ' by ' || pg_get_partkeydef(c.oid) else '' end,
  coalesce(' of ' || (select p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
    where i.inhrelid = c.oid) || ' ' || pg_get_expr(c.relpartbound, c.oid), ''),
  case c.relpersistence when 'p' then '' else ' not logged: ' || c.relpersistence::text end
    || coalesce(' with ' || array_to_string(c.reloptions, ', '), ''))
from pg_class c
where c.relnamespace = 'howdah'::regnamespace and c.relkind in ('r', 'p') order by c.relname collate "C";

-- # columns
select format('%s.%s %s%s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
  case when a.attcollation <> t.typcollation then ' collate ' || l.collname else '' end,
  case when a.attnotnull then ' not null' else '' end,
  case when a.attidentity <> '' then ' identity ' || a.attidentity::text else '' end,
  coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''))
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_collation l on l.oid = a.attcollation
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'howdah'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname collate "C", a.attnum;

-- # constraints
select format('%s.%s %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
from pg_constraint k join pg_class c on c.oid = k.conrelid
where k.connamespace = 'howdah'::regnamespace and k.contype <> 'n' and not c.relispartition
order by c.relname collate "C", k.conname collate "C";

-- # indexes
select pg_get_indexdef(i.indexrelid)
from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
where c.relnamespace = 'howdah'::regnamespace and not c.relispartition order by x.relname collate "C";

-- # sequences
select format('%s %s from %s, minimum %s, increment %s, cache %s%s', s.sequencename, s.data_type, s.start_value,
  s.min_value, s.increment_by, s.cache_size, case when s.cycle then ', cycle' else '' end)
from pg_sequences s where s.schemaname = 'howdah' order by s.sequencename collate "C";

-- # functions
select format('%s(%s) -> %s: %s%s, %s, %s%s', p.proname, pg_get_function_arguments(p.oid),
  pg_get_function_result(p.oid), l.lanname, case when p.prosecdef then ', security definer' else '' end,
  case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
  'parallel ' || p.proparallel::text, coalesce(', ' || array_to_string(p.proconfig, ', '), ''))
from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace = 'howdah'::regnamespace
order by p.proname collate "C", pg_get_function_identity_arguments(p.oid) collate "C";

-- # triggers, rules and views
select c.relname || ' ' || t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = 'howdah'::regnamespace and not t.tgisinternal
union all select tablename || ' ' || rulename from pg_rules where schemaname = 'howdah'
union all select relname from pg_class where relnamespace = 'howdah'::regnamespace and relkind in ('v', 'm')
order by 1;

-- # what others than the owner may do
select format('%s %s: %s', x.kind, x.name, string_agg(
  format('%s to %s', a.privilege_type, coalesce(nullif(a.grantee, 0)::regrole::text, 'public')), ', '
  order by a.privilege_type, a.grantee))
from (
  select 'schema' as kind, n.nspname::text as name, n.nspowner as owner,
    coalesce(n.nspacl, acldefault('n', n.nspowner)) as acl
  from pg_namespace n where n.nspname = 'howdah'
  union all select case c.relkind when 'S' then 'sequence' else 'table' end, c.relname, c.relowner,
    coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner))
  from pg_class c where c.relnamespace = 'howdah'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
  union all select 'function', p.proname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
  from pg_proc p where p.pronamespace = 'howdah'::regnamespace
) x cross join lateral aclexplode(x.acl) a
where a.grantee <> x.owner
group by x.kind, x.name order by x.kind, x.name collate "C";
