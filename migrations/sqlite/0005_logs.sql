-- One change log for subscriptions, webhooks and export; the outbox between sync and identity; the audit.

create table change (
    seq integer primary key autoincrement,
    at integer not null,
    kind text not null,
    node text not null,
    source_id blob,
    detail text
) strict;

create table outbox (
    seq integer primary key autoincrement,
    topic text not null,
    record_id blob not null,
    at integer not null
) strict;

create table audit (
    seq integer primary key autoincrement,
    at integer not null,
    actor text not null,
    action text not null,
    target text not null,
    detail text
) strict;

create index audit_by_action on audit (action, seq);

create trigger record_version_is_immutable before update on record_version
begin
    select raise(abort, 'a record version is never changed');
end;
