-- The audit becomes a chain, and people can be erased. The audit: each entry carries the hash of the one before, and nothing in it is changed or taken out.

-- Entries from before the chain. Opening the store moves them into it, in their order, and leaves this table empty.
alter table audit rename to audit_unchained;
drop index audit_by_action;

create table audit (
    seq integer not null primary key,
    at integer not null,
    actor text not null,
    action text not null,
    target text not null,
    detail text,
    previous blob not null,
    hash blob not null
) strict;

create index audit_by_action on audit (action, seq);
create index audit_by_actor on audit (actor, seq);
create index audit_by_time on audit (at, seq);

-- The customers that an entry is about. Part of what its hash covers.
create table audit_subject (
    customer_id blob not null,
    seq integer not null references audit (seq),
    primary key (customer_id, seq)
) strict;

create index audit_subject_by_entry on audit_subject (seq, customer_id);

-- The last entry: tells when entries are missing at the end.
create table audit_head (
    one integer not null primary key check (one = 1),
    seq integer not null,
    hash blob not null
) strict;

insert into audit_head (one, seq, hash) values (1, 0, zeroblob(32));

create trigger audit_follows before insert on audit
when new.seq <> (select coalesce(max(seq), 0) + 1 from audit)
begin
    select raise(abort, 'an audit entry follows the one before it');
end;

create trigger audit_refuses_update before update on audit
begin
    select raise(abort, 'an audit entry is never changed');
end;

create trigger audit_refuses_delete before delete on audit
begin
    select raise(abort, 'an audit entry is never removed');
end;

create trigger audit_subject_refuses_update before update on audit_subject
begin
    select raise(abort, 'an audit entry is never changed');
end;

create trigger audit_subject_refuses_delete before delete on audit_subject
begin
    select raise(abort, 'an audit entry is never removed');
end;

create trigger audit_head_only_rises before update on audit_head
when new.seq <= old.seq
begin
    select raise(abort, 'the audit only grows');
end;

create trigger audit_head_refuses_delete before delete on audit_head
begin
    select raise(abort, 'the audit only grows');
end;

-- Keyed hashes by which erased people are recognised, and (kind `key`) the secret itself.
create table erased (
    kind text not null,
    hash blob not null,
    at integer not null,
    primary key (kind, hash)
) strict;

create index erased_by_hash on erased (hash);

-- Erasures that were done: figures by source, and nothing of the person.
create table erasure (
    fingerprint text not null primary key,
    at integer not null,
    actor text not null,
    report text not null
) strict;
