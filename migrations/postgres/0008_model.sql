-- Models of matching that were trained on this store. Never changed: a later one is put in place of it.

create table model (
    version text not null primary key,
    trained_at timestamptz not null,
    records bigint not null,
    -- The model that folds is the one that was put in place last.
    activated_at timestamptz,
    weights text not null,
    frequencies text not null
);
