-- What the README's query needs, in one statement written for it alone: no rights, no golden values, no paging. The rows
-- of the records that are shown, and for each list how long it is.
-- `cross join`, because SQLite takes it for the order in which to join.
select r.record_id, r.kind, s.key, r.changed_at, v.mapped, 0 as total
from link m cross join record r cross join record_version v cross join source s
where m.customer_id = (select l.customer_id from term t cross join link l
                       where t.term = $1 and t.path = 'email' and l.record_id = t.record_id limit 1)
  and r.record_id = m.record_id and v.record_id = r.record_id and v.version = r.version and s.source_id = r.source_id
union all
select r.record_id, r.kind, s.key, r.changed_at, v.mapped, latest.total
from (
    select * from (
        select a.record_id, a.parent_id, count(*) over (partition by a.kind) as total,
               row_number() over (partition by a.kind order by a.occurred_at desc, a.record_id desc) as place
        from link m cross join activity a
        where m.customer_id = (select l.customer_id from term t cross join link l
                               where t.term = $1 and t.path = 'email' and l.record_id = t.record_id limit 1)
          and a.party_id = m.record_id and a.kind in ('invoice', 'ticket', 'campaign_touch')
    ) ranked
    where place = 1
) latest cross join record r cross join record_version v cross join source s
where r.record_id in (latest.record_id, latest.parent_id)
  and v.record_id = r.record_id and v.version = r.version and s.source_id = r.source_id
