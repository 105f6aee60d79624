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
  search(text: $text, first: 12) { matchedOn matchedText score
    customer { __typename id displayName email recordCount }
    sourceRecord { source { title } } }
}`);

export const CustomersQuery = graphql(`query Customers($filter: CustomerFilterInput, $orderBy: CustomerOrderInput, $first: Int, $after: String, $last: Int, $before: String) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    nodes { __typename id displayName email phone recordCount changedAt restrictions { path kind reason policy } } }
}`);

export const CustomerQuery = graphql(`query Customer($id: ID!) {
  customer(id: $id) {
    __typename id displayName email phone recordCount createdAt changedAt version redirectedFrom alternateIds
    restrictions { path kind reason policy }
    provenance { path rule value observedAt source { key title } sourceRecord { id externalId }
      alternatives { value lostBecause observedAt source { key title } sourceRecord { id externalId } } }
    emails { address original primary sourceRecord { source { title } } }
    phones { e164 original primary sourceRecord { source { title } } }
    addresses { lines postalCode locality region country purpose sourceRecord { source { title } } }
    identifiers { system value sourceRecord { source { title } } }
    effectiveConsents { purpose channel status statements }
  }
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

export const RecordsQuery = graphql(`query Records($id: ID!, $first: Int!) {
  customer(id: $id) { id sourceRecords(first: $first) { totalCount
    nodes { id externalId kind stream version receivedAt deletedAtSource raw restrictions { path kind reason policy } source { key title } } } }
}`);

export const DuplicatesQuery = graphql(`query Duplicates($id: ID!) {
  customer(id: $id) { id matchCandidates { id probability sentence left { id displayName } right { id displayName } } }
}`);

export const SourcesQuery = graphql(`query Sources {
  sources { id key title department connector quarantinedCount
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

export const QuarantineQuery = graphql(`query QuarantineOf($source: String!, $code: String, $first: Int!) {
  quarantine(source: $source, code: $code, first: $first) { totalCount
    nodes { id code message path place stream externalId times firstSeenAt lastSeenAt raw restrictions { path reason } } }
}`);

export const SyncStartMutation = graphql(`mutation SyncStart($source: String!) {
  syncStart(input: { source: $source }) { run { id state } userErrors { code message } }
}`);

export const RetryMutation = graphql(`mutation QuarantineRetry($source: String!) {
  quarantineRetry(input: { source: $source }) { resolved left unfit userErrors { code message } }
}`);

export const DecideMutation = graphql(`mutation Decide($input: MatchDecideInput!) {
  matchDecide(input: $input) { decision { id } replayed left { id } right { id } userErrors { code message } }
}`);

export const UndoMutation = graphql(`mutation Undo($input: DecisionUndoInput!) {
  decisionUndo(input: $input) { decision { id } left { id } right { id } userErrors { code message } }
}`);

export const ReviewQuery = graphql(`query Review($min: Float, $customer: ID, $first: Int, $after: String, $last: Int, $before: String) {
  matchCandidates(minProbability: $min, customer: $customer, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
    nodes { id probability weight prior sentence model foundAt
      evidence { attribute left right level rarity weight }
      left { id displayName recordCount } right { id displayName recordCount }
      leftRecord { id externalId source { title } } rightRecord { id externalId source { title } }
      restrictions { path kind reason policy } } }
}`);
