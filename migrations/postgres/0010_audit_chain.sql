-- The audit becomes a chain, and people can be erased. The audit: each entry carries the hash of the one before, and nothing in it is changed or taken out.

-- Entries from before the chain. Opening the store moves them into it, in their order, and leaves this table empty.
alter table audit rename to audit_unchained;
alter table audit_unchained rename constraint audit_pkey to audit_unchained_pkey;
drop index audit_by_action;

create table audit (
    seq bigint not null primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    target text not null,
    detail text,
    previous bytea not null,
    hash bytea not null
);

create index audit_by_action on audit (action, seq);
create index audit_by_actor on audit (actor, seq);
create index audit_by_time on audit (at, seq);

-- The customers that an entry is about. Part of what its hash covers.
create table audit_subject (
    customer_id uuid not null,
    seq bigint not null references audit (seq),
    primary key (customer_id, seq)
);

create index audit_subject_by_entry on audit_subject (seq, customer_id);

-- The last entry: tells when entries are missing at the end.
create table audit_head (
    one bigint not null primary key check (one = 1),
    seq bigint not null,
    hash bytea not null
);

insert into audit_head (one, seq, hash) values (1, 0, decode(repeat('00', 32), 'hex'));

create function audit_check_order() returns trigger language plpgsql as $$
begin
    if new.seq <> (select coalesce(max(seq), 0) + 1 from audit) then
        raise exception 'an audit entry follows the one before it';
    end if;
    return new;
end $$;

create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'an audit entry is never changed and never removed';
end $$;

create trigger audit_follows before insert on audit
for each row execute function audit_check_order();

create trigger audit_refuses_update before update on audit
for each statement execute function audit_refuse();

create trigger audit_refuses_delete before delete or truncate on audit
for each statement execute function audit_refuse();

create trigger audit_subject_refuses_update before update on audit_subject
for each statement execute function audit_refuse();

create trigger audit_subject_refuses_delete before delete or truncate on audit_subject
for each statement execute function audit_refuse();

create trigger audit_head_only_rises before update on audit_head
for each row when (new.seq <= old.seq) execute function audit_refuse();

create trigger audit_head_refuses_delete before delete or truncate on audit_head
for each statement execute function audit_refuse();

-- Keyed hashes by which erased people are recognised, and (kind `key`) the secret itself.
create table erased (
    kind text not null,
    hash bytea not null,
    at timestamptz not null,
    primary key (kind, hash)
);

create index erased_by_hash on erased (hash);

-- Erasures that were done: figures by source, and nothing of the person.
create table erasure (
    fingerprint text not null primary key,
    at timestamptz not null,
    actor text not null,
    report text not null
);
