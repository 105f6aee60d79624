// Everything that the console asks the hub. The types are generated from the schema; nothing else is ever sent.
import { graphql } from "./gql";

export const ViewerQuery = graphql(`query Viewer { viewer { subject departments roles } }`);

export const HomeQuery = graphql(`query Home {
  customers(first: 1) { totalCount }
  matchCandidates(first: 5) { totalCount nodes { id probability sentence left { id displayName } right { id displayName } } }
  sources { id key title department quarantinedCount
    syncRuns(first: 1) { nodes { id state startedAt finishedAt } } }
}`);

export const SearchQuery = graphql(`query Search($text: String!) {
  search(text: $text, first: 12) { match matchedOn matchedText score
    customer { __typename id displayName email recordCount }
    sourceRecord { source { title } } }
}`);

export const CustomersQuery = graphql(`query Customers($filter: CustomerFilterInput, $orderBy: CustomerOrderInput, $first: Int, $after: String, $last: Int, $before: String) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    nodes { __typename id displayName email phone recordCount changedAt restrictions { path kind reason policy } } }
}`);

/** Who a customer is, now or at a time: what can be read of the past too. */
export const CustomerParts = graphql(`fragment CustomerParts on Customer {
  __typename id displayName email phone recordCount createdAt changedAt version redirectedFrom alternateIds
  restrictions { path kind reason policy }
  provenance { path rule value observedAt source { key title } sourceRecord { id externalId }
    alternatives { value lostBecause observedAt source { key title } sourceRecord { id externalId } } }
  emails { address original primary sourceRecord { source { title } } }
  phones { e164 original primary sourceRecord { source { title } } }
  addresses { lines postalCode locality region country purpose sourceRecord { source { title } } }
  identifiers { system value sourceRecord { source { title } } }
}`);

export const CustomerQuery = graphql(`query Customer($id: ID!) {
  customer(id: $id) { ...CustomerParts effectiveConsents { purpose channel status statements } }
}`);

export const CustomerThenQuery = graphql(`query CustomerThen($id: ID!, $asOf: DateTime, $knownAt: DateTime, $first: Int!) {
  customer(id: $id, asOf: $asOf, knownAt: $knownAt) { ...CustomerParts
    sourceRecords(first: $first) { totalCount ...RecordRows } }
}`);

export const TimelineQuery = graphql(`query Timeline($id: ID!) {
  customer(id: $id) { id
    invoices(first: 50) { totalCount nodes { id number status issuedAt total { amount currency } sourceRecord { source { title } } } }
    payments(first: 50) { totalCount nodes { id status paidAt method failureReason amount { amount currency } sourceRecord { source { title } } } }
    tickets(first: 50) { totalCount nodes { id number subject status priority openedAt sourceRecord { source { title } } } }
    campaignTouches(first: 50) { totalCount nodes { id result at channel campaign { name } sourceRecord { source { title } } } }
    consents(first: 50) { totalCount nodes { id purpose channel status capturedAt sourceRecord { source { title } } } }
    interactions(first: 50) { totalCount nodes { id kind at channel subject sourceRecord { source { title } } } }
    feedback(first: 50) { totalCount nodes { id instrument score scoreMax at sourceRecord { source { title } } } }
    subscriptions(first: 50) { totalCount nodes { id product status startedAt recurring { amount currency } sourceRecord { source { title } } } }
  }
}`);

export const RecordRows = graphql(`fragment RecordRows on SourceRecordConnection {
  nodes { id externalId kind stream version receivedAt deletedAtSource raw restrictions { path kind reason policy } source { key title } } }`);

export const RecordsQuery = graphql(`query Records($id: ID!, $first: Int!) {
  customer(id: $id) { id sourceRecords(first: $first) { totalCount ...RecordRows } }
}`);

export const DuplicatesQuery = graphql(`query Duplicates($id: ID!) {
  customer(id: $id) { id matchCandidates { id probability sentence left { id displayName } right { id displayName } } }
}`);

export const SourcesQuery = graphql(`query Sources {
  sources { id key title department connector quarantinedCount freshness { stream freshAt ageSeconds lastRunAt lastRunState }
    syncRuns(first: 10) { nodes { id state trigger startedAt finishedAt error streams { stream state read created updated deleted quarantined } } } }
}`);

export const SourceRunsQuery = graphql(`query SourceRuns($source: String!) {
  syncRuns(source: $source, first: 20) { totalCount nodes { id state trigger startedAt finishedAt error
    streams { stream state read created updated unchanged deleted quarantined pages error errorCode } } }
}`);

export const RunQuery = graphql(`query Run($id: ID!) {
  node(id: $id) { __typename ... on SyncRun { id state trigger startedAt finishedAt error source { key title }
    streams { stream state read created updated unchanged deleted quarantined pages error errorCode } } }
}`);

/** A run as it goes: now, at each change of its numbers, and at its end. */
export const RunLive = graphql(`subscription RunLive($id: ID!) {
  syncRun(id: $id) { __typename id state trigger startedAt finishedAt error source { key title }
    streams { stream state read created updated unchanged deleted quarantined pages error errorCode } }
}`);

export const QuarantineQuery = graphql(`query QuarantineOf($source: String!, $code: String, $first: Int!) {
  quarantine(source: $source, code: $code, first: $first) { totalCount
    nodes { id code message path place stream externalId times firstSeenAt lastSeenAt raw restrictions { path reason } } }
}`);

export const SyncStartMutation = graphql(`mutation SyncStart($source: String!) {
  syncStart(input: { source: $source }) { run { id state } userErrors { code message } }
}`);

export const RetryMutation = graphql(`mutation QuarantineRetry($source: String!, $cause: QuarantineCauseInput) {
  quarantineRetry(input: { source: $source, cause: $cause }) { resolved left unfit userErrors { code message } }
}`);

export const DecideMutation = graphql(`mutation Decide($input: MatchDecideInput!) {
  matchDecide(input: $input) { decision { id } replayed userErrors { code message } }
}`);

export const UndoMutation = graphql(`mutation Undo($input: DecisionUndoInput!) {
  decisionUndo(input: $input) { decision { id } userErrors { code message } }
}`);

export const PairParts = graphql(`fragment PairParts on MatchCandidate { id probability weight prior sentence model foundAt
  evidence { attribute left right level rarity weight }
  left { id displayName recordCount } right { id displayName recordCount }
  leftRecord { id externalId source { key title } } rightRecord { id externalId source { key title } }
  desk { assignee dueAt contests consentConflicts openInvoices openTickets impact }
  restrictions { path kind reason policy } }`);

export const ReviewQuery = graphql(`query Review($filter: CandidateFilterInput, $orderBy: CandidateOrderInput, $first: Int, $after: String, $last: Int, $before: String) {
  matchCandidates(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor } nodes { ...PairParts } } }`);

export const PairQuery = graphql(`query Pair($id: ID!) { node(id: $id) { __typename ... on MatchCandidate { ...PairParts } } }`);

export const FacetsQuery = graphql(`query ReviewFacets($certain: CandidateFilterInput, $likely: CandidateFilterInput, $unsure: CandidateFilterInput, $unlikely: CandidateFilterInput, $mine: CandidateFilterInput, $contested: CandidateFilterInput) {
  certain: matchCandidates(filter: $certain, first: 1) { totalCount } likely: matchCandidates(filter: $likely, first: 1) { totalCount }
  unsure: matchCandidates(filter: $unsure, first: 1) { totalCount } unlikely: matchCandidates(filter: $unlikely, first: 1) { totalCount }
  mine: matchCandidates(filter: $mine, first: 1) { totalCount } contested: matchCandidates(filter: $contested, first: 1) { totalCount } }`);

export const ClaimMutation = graphql(`mutation Claim($id: ID!) { candidateClaim(input: { id: $id }) { until userErrors { code message } } }`);
export const ReleaseMutation = graphql(`mutation Release($id: ID!) { candidateRelease(input: { id: $id }) { released userErrors { code } } }`);
export const AssignMutation = graphql(`mutation Assign($input: CandidateAssignInput!) {
  candidateAssign(input: $input) { candidates { id desk { assignee dueAt } } userErrors { code message } } }`);

export const DecisionParts = graphql(`fragment DecisionParts on StewardDecision { id kind by madeAt reason scope expiresAt plan undoneAt undoneBy undoneReason
  leftRecord { id externalId source { title } } rightRecord { id externalId source { title } } }`);

export const DecisionsQuery = graphql(`query Decisions($standing: Boolean, $customer: ID, $first: Int, $after: String, $last: Int, $before: String) {
  decisions(standing: $standing, customer: $customer, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor } nodes { ...DecisionParts } } }`);

export const PreviewParts = graphql(`fragment PreviewParts on PlanPreview { kind fingerprint needsReason
  before { id recordCount customer { id displayName provenance { path value source { title } sourceRecord { id } } } }
  after { id recordCount records { id externalId source { title } } }
  values { customer path after before { customer value } }
  consents { customer purpose channel after widens before { customer status } }
  ids { id change into }
  makes { kind leftRecord rightRecord }
  takesBack { ...DecisionParts } }`);

export const MergePreviewQuery = graphql(`query MergePreview($customers: [ID!]!) {
  mergePreview(input: { customers: $customers }) { preview { ...PreviewParts } userErrors { code message } } }`);

export const SplitPreviewQuery = graphql(`query SplitPreview($input: SplitInput!) {
  splitPreview(input: $input) { preview { ...PreviewParts } userErrors { code message } } }`);

export const PlanParts = graphql(`fragment PlanParts on StewardPlan { id kind by madeAt undoneAt undoneBy customers { id displayName } }`);

export const MergeApplyMutation = graphql(`mutation MergeApply($input: MergeApplyInput!) {
  mergeApply(input: $input) { pending plan { ...PlanParts } userErrors { code message } } }`);
export const SplitApplyMutation = graphql(`mutation SplitApply($input: SplitApplyInput!) {
  splitApply(input: $input) { pending plan { ...PlanParts } userErrors { code message } } }`);
export const PlanUndoMutation = graphql(`mutation PlanUndo($input: PlanUndoInput!) {
  planUndo(input: $input) { pending plan { ...PlanParts } userErrors { code message } } }`);

export const PlansQuery = graphql(`query Plans($first: Int, $after: String, $last: Int, $before: String) {
  plans(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor } nodes { ...PlanParts decisions { id kind reason } } } }`);

export const DecideManyQuery = graphql(`query DecideMany($input: DecideManyInput!) {
  decideManyPreview(input: $input) { preview { pairCount customersBefore customersAfter fingerprint proved evidence { decisionCount agreeingCount mostWrong missingCount } sample { ...PairParts } } userErrors { code message } } }`);
export const DecideManyMutation = graphql(`mutation DecideManyApply($input: DecideManyApplyInput!) {
  decideManyApply(input: $input) { pending plan { ...PlanParts } userErrors { code message } } }`);

export const ExplanationParts = graphql(`fragment ExplanationParts on MatchExplanation { autoMerge review foundBy model prior weight probability sentence together withheld
  evidence { attribute left right level rarity weight }
  left { id displayName recordCount } right { id displayName recordCount }
  leftRecord { id externalId source { key title } } rightRecord { id externalId source { key title } }
  decisions { ...DecisionParts }
  wouldLink { better { attribute level } weight probability } }`);

export const ExplainQuery = graphql(`query Explain($a: ID!, $b: ID!) { explainMatch(a: $a, b: $b) { ...ExplanationParts } }`);

export const FormationQuery = graphql(`query Formation($id: ID!) {
  explainCustomer(id: $id) { pairCount customer { id displayName } records { id externalId stream source { key title } }
    steps { recordCount decision { ...DecisionParts } pair { ...ExplanationParts } }
    weakestBridge { decision { id kind } leftGroup { id } rightGroup { id } pair { probability weight leftRecord { id } rightRecord { id } } } } }`);

export const PartiesQuery = graphql(`query Parties($id: ID!) {
  customer(id: $id) { id displayName sourceRecords(first: 200) { nodes { id externalId kind source { title } } } } }`);

export const PinsQuery = graphql(`query Pins($customer: ID!) {
  valuePins(customer: $customer) { id path by madeAt reason expiresAt undoneAt undoneBy undoneReason sourceRecord { id externalId source { title } } } }`);
export const PinMutation = graphql(`mutation Pin($input: ValuePinInput!) { valuePin(input: $input) { pin { id } pending customer { id } userErrors { code message } } }`);
export const UnpinMutation = graphql(`mutation Unpin($input: ValueUnpinInput!) { valueUnpin(input: $input) { pin { id } pending customer { id } userErrors { code message } } }`);

export const GroupsQuery = graphql(`query QuarantineGroups($source: String!) {
  quarantineGroups(source: $source, first: 100) { totalCount
    nodes { code path stream payloads deliveries firstSeenAt lastSeenAt example { id message place raw externalId restrictions { path reason } } } } }`);
export const DiscardsQuery = graphql(`query QuarantineDiscards($source: String, $first: Int, $after: String, $last: Int, $before: String) {
  quarantineDiscards(source: $source, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    nodes { id by code path stream payloads reason madeAt upTo undoneAt undoneBy undoneReason source { key title department } } } }`);
export const DiscardMutation = graphql(`mutation QuarantineDiscard($input: QuarantineDiscardInput!) {
  quarantineDiscard(input: $input) { discard { id payloads } userErrors { code message } } }`);
export const DiscardUndoMutation = graphql(`mutation QuarantineDiscardUndo($input: QuarantineDiscardUndoInput!) {
  quarantineDiscardUndo(input: $input) { discard { id } waitingAgain userErrors { code message } } }`);

export const DataMapQuery = graphql(`query DataMap($source: String) {
  dataMap(source: $source) { type field records filled fillRate wins conflicts lastArrivalAt source { key title } } }`);
export const RecordCountsQuery = graphql(`query RecordCounts { dataMap { type records source { key title } } }`);

export const SyncsQuery = graphql(`query Syncs($source: String, $first: Int, $after: String, $last: Int, $before: String) {
  syncRuns(source: $source, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    nodes { id state trigger startedAt finishedAt error source { key title } streams { stream read created updated deleted quarantined } } } }`);

export const QueueAgeQuery = graphql(`query QueueAge($a: CandidateFilterInput, $b: CandidateFilterInput, $c: CandidateFilterInput, $d: CandidateFilterInput, $e: CandidateFilterInput) {
  a: matchCandidates(filter: $a, first: 1) { totalCount } b: matchCandidates(filter: $b, first: 1) { totalCount } c: matchCandidates(filter: $c, first: 1) { totalCount }
  d: matchCandidates(filter: $d, first: 1) { totalCount } e: matchCandidates(filter: $e, first: 1) { totalCount } }`);
export const WeightsQuery = graphql(`query Weights($first: Int!, $after: String) {
  matchCandidates(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { weight } } }`);

/** What a random sample of what matching did by itself came to, judged by people who did not know what it thought. */
export const MatchQualityQuery = graphql(`query MatchQuality { matchQuality { period model precision { value low high } recall { value low high }
  strata { linked low high pairCount drawnCount judgedCount sameCount } } }`);
export const DrawMutation = graphql(`mutation Draw { matchQualityDraw { drawn userErrors { code message } } }`);

export const BlindNextMutation = graphql(`mutation BlindNext { blindReviewNext { pair { id leftRecord { id externalId source { title } } rightRecord { id externalId source { title } }
  lines { attribute left right } } userErrors { code message } } }`);
export const BlindJudgeMutation = graphql(`mutation BlindJudge($input: BlindReviewJudgeInput!) { blindReviewJudge(input: $input) { noted userErrors { code message } } }`);
