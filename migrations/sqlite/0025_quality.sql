-- Why two records that weigh enough are not one customer: a guard kept them apart, and a steward decides.
alter table match_candidate add column cause text;

-- Samples of what matching did by itself, drawn once for a period, and what people said of them. A stratum is all pairs of one
-- kind between two probabilities.
create table quality_stratum (
    period text not null,
    automatic text not null,
    low real not null,
    high real not null,
    pairs integer not null,
    model text not null,
    drawn_at integer not null,
    primary key (period, automatic, low)
) strict;

create table quality_pair (
    candidate_id blob not null,
    period text not null,
    left_record blob not null references record (record_id),
    right_record blob not null references record (record_id),
    automatic text not null,
    low real not null,
    is_same integer,
    judged_by text,
    judged_at integer,
    primary key (candidate_id, period)
) strict;

create index quality_pair_by_period on quality_pair (period, automatic, low);
create index quality_pair_by_left on quality_pair (left_record);
create index quality_pair_by_right on quality_pair (right_record);

insert into sqlite_stat1 (tbl, idx, stat) values
    ('quality_stratum', 'sqlite_autoindex_quality_stratum_1', '100 7 4 1'),
    ('quality_pair', 'sqlite_autoindex_quality_pair_1', '5000 1 1'),
    ('quality_pair', 'quality_pair_by_period', '5000 400 200 60'),
    ('quality_pair', 'quality_pair_by_left', '5000 1'),
    ('quality_pair', 'quality_pair_by_right', '5000 1');
analyze sqlite_schema;
