-- What conditions on rows ask of a record: countries, regions and tags of parties, purpose and channel of consents.
-- A cache of the facts, as activity and term are: `onefold rebuild` makes it anew.

create table record_attribute (
    record_id uuid not null references record (record_id),
    name text not null,
    value text not null,
    primary key (record_id, name, value)
);

-- JSON that PostgreSQL reads has no U+0000: the replacement character stands for it, as in every other column.
insert into record_attribute (record_id, name, value)
select distinct r.record_id, 'country', upper(substr(a.value ->> 'country', 1, 200) collate "C")
from record r
join record_version v on v.record_id = r.record_id and v.version = r.version
cross join lateral jsonb_array_elements(replace(v.mapped, '\u0000', '\ufffd')::jsonb -> 'addresses') a (value)
where r.kind = 'party' and r.deleted_at is null and coalesce(a.value ->> 'country', '') <> '';

insert into record_attribute (record_id, name, value)
select distinct r.record_id, 'region', substr(a.value ->> 'region', 1, 200)
from record r
join record_version v on v.record_id = r.record_id and v.version = r.version
cross join lateral jsonb_array_elements(replace(v.mapped, '\u0000', '\ufffd')::jsonb -> 'addresses') a (value)
where r.kind = 'party' and r.deleted_at is null and coalesce(a.value ->> 'region', '') <> '';

insert into record_attribute (record_id, name, value)
select distinct r.record_id, 'tag', substr(a.value, 1, 200)
from record r
join record_version v on v.record_id = r.record_id and v.version = r.version
cross join lateral jsonb_array_elements_text(replace(v.mapped, '\u0000', '\ufffd')::jsonb -> 'tags') a (value)
where r.kind = 'party' and r.deleted_at is null and a.value <> '';

insert into record_attribute (record_id, name, value)
select r.record_id, 'consent',
       substr((replace(v.mapped, '\u0000', '\ufffd')::jsonb ->> 'purpose') || '/'
              || (replace(v.mapped, '\u0000', '\ufffd')::jsonb ->> 'channel'), 1, 200)
from record r
join record_version v on v.record_id = r.record_id and v.version = r.version
where r.kind = 'consent' and r.deleted_at is null;
