-- Why two records that weigh enough are not one customer: a guard kept them apart, and a steward decides.
alter table match_candidate add column cause text;
