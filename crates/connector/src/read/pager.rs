//! Paging: the place of the next page, and the proof that the list moves on.

use super::vendor::{ReadError, Vendor};
use crate::manifest::page::{Ends, PageStyle, Pages, Stays};
use crate::message::{HttpRequest, HttpResponse};
use crate::pointer::scalar_text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many records are remembered to see whether a list has moved.
const REMEMBERED: usize = 4096;

/// Where a page begins. Stored in checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Start,
    After(String),
    Url(String),
    Token(String),
    /// `read` is how many records came before.
    Number {
        at: u64,
        read: u64,
    },
    /// `known` is the identity of the record just before, to see whether the list has moved since.
    Offset {
        at: u64,
        known: Option<u64>,
    },
}

#[derive(Debug)]
pub(crate) struct Pager {
    pages: Pages,
    place: Place,
    /// Places that were asked for; one that comes again is a circle.
    asked: HashSet<u64>,
    /// The first record of the page before.
    first: Option<u64>,
    /// How many pages in a row began with it.
    repeats: u32,
    /// Records of the last pages.
    known: VecDeque<u64>,
    total: Option<u64>,
    /// How often in a row the list was stepped back in.
    backs: u64,
    /// How many pages in a row held nothing.
    empty: u64,
    /// The longest page so far.
    longest: u64,
}

/// What follows a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    More,
    /// The list has moved: a part is read again.
    Back,
    End,
}

impl Pager {
    pub(crate) fn new(pages: &Pages) -> Self {
        Self {
            pages: pages.clone(),
            place: Place::Start,
            asked: HashSet::new(),
            first: None,
            repeats: 0,
            known: VecDeque::new(),
            total: None,
            backs: 0,
            empty: 0,
            longest: 0,
        }
    }

    /// Goes on from a stored place. `None` where it does not fit the style of paging any more.
    pub(crate) fn resume(pages: &Pages, stored: &Value) -> Option<Self> {
        let place = Place::deserialize(stored).ok()?;
        let fits = match (&place, &pages.style) {
            (Place::Start, _)
            | (Place::After(_), PageStyle::LastId { .. })
            | (Place::Url(_), PageStyle::NextUrl { .. } | PageStyle::Link)
            | (Place::Token(_), PageStyle::Token { .. })
            | (Place::Number { .. }, PageStyle::Number { .. })
            | (Place::Offset { .. }, PageStyle::Offset { .. }) => true,
            (Place::After(_) | Place::Url(_) | Place::Token(_) | Place::Number { .. } | Place::Offset { .. }, _) => {
                false
            }
        };
        let mut resumed = Self::new(pages);
        if let Place::Offset { known: Some(known), .. } = place {
            resumed.known.push_back(known);
        }
        resumed.place = place;
        fits.then_some(resumed)
    }

    /// The place of the next page, for the checkpoint.
    pub(crate) fn stored(&self) -> Value {
        serde_json::to_value(&self.place).unwrap_or_default()
    }

    /// The request for the page: `base` is that for the first one.
    pub(crate) fn request(&self, mut base: HttpRequest, vendor: &Vendor) -> HttpRequest {
        // Stored places are checked again, because a checkpoint can be edited. Elsewhere means: from the start.
        if let Place::Url(url) = &self.place
            && let Ok(url) = vendor.resolve(url)
        {
            return HttpRequest { url, query: Vec::new(), ..base };
        }
        if let Some(size) = &self.pages.size {
            base.query.extend(size.param.iter().map(|param| (param.clone(), size.value.to_string())));
        }
        if let (Some(param), Some(place)) =
            (self.pages.style.param(), self.asked().and_then(|place| scalar_text(&place)))
        {
            base.query.push((param.to_owned(), place));
        }
        base
    }

    /// What asks for the page; `None` for the first one of a list that goes on by a token or an id.
    pub(crate) fn asked(&self) -> Option<Value> {
        match (&self.pages.style, &self.place) {
            (PageStyle::LastId { .. }, Place::After(text)) | (PageStyle::Token { .. }, Place::Token(text)) => {
                Some(Value::from(text.as_str()))
            }
            (PageStyle::Offset { first, .. }, _) => Some(Value::from(self.offset() + first)),
            (PageStyle::Number { .. }, _) => Some(Value::from(self.number())),
            _ => None,
        }
    }

    pub(crate) fn size(&self) -> Option<Value> {
        self.pages.size.as_ref().map(|size| Value::from(size.value))
    }

    /// The offset that is asked for: somewhat before the place, so that the page begins with a known record.
    fn offset(&self) -> u64 {
        match (&self.place, &self.pages.style) {
            (Place::Offset { at, .. }, PageStyle::Offset { overlap, .. }) => at.saturating_sub(*overlap),
            _ => 0,
        }
    }

    fn number(&self) -> u64 {
        match (&self.place, &self.pages.style) {
            (Place::Number { at, .. }, _) => *at,
            (_, PageStyle::Number { first, .. }) => *first,
            _ => 1,
        }
    }

    /// How many records came before this page, where pages are numbered.
    fn read_before(&self) -> u64 {
        match self.place {
            Place::Number { read, .. } => read,
            Place::Start | Place::After(_) | Place::Url(_) | Place::Token(_) | Place::Offset { .. } => 0,
        }
    }

    /// Takes a page. `identities` are those of its records, in order.
    pub(crate) fn advance(
        &mut self,
        response: &HttpResponse,
        records: &[Value],
        identities: &[u64],
        vendor: &Vendor,
    ) -> Result<Turn, ReadError> {
        let count = records.len() as u64;
        self.check_echo(response)?;
        // What stands behind a gap is not remembered: known means that everything before it has been read as well.
        if let Some(turn) = self.moved(response, identities)? {
            return Ok(turn);
        }
        self.check_first(records)?;
        self.remember(identities);
        self.longest = self.longest.max(count);
        self.empty = if count == 0 { self.empty + 1 } else { 0 };
        if self.ended(response, count)? {
            return Ok(Turn::End);
        }
        if self.empty > 1000 {
            return Err(ReadError::Stuck { reason: "a thousand pages in a row hold nothing" });
        }
        let Some(next) = self.following(response, records, vendor)? else { return Ok(Turn::End) };
        if self.pages.ends == Ends::Same && next == self.place {
            return Ok(Turn::End);
        }
        let stays = matches!(self.pages.style, PageStyle::Token { stays: Stays::Yes, .. });
        if !self.asked.insert(hash(&next)) && !stays {
            return Err(ReadError::Stuck { reason: "the same page was announced twice" });
        }
        self.place = next;
        self.backs = 0;
        Ok(Turn::More)
    }

    fn check_echo(&self, response: &HttpResponse) -> Result<(), ReadError> {
        let asked = match &self.pages.style {
            PageStyle::Offset { first, .. } => self.offset() + first,
            PageStyle::Number { .. } => self.number(),
            PageStyle::LastId { .. }
            | PageStyle::NextUrl { .. }
            | PageStyle::Token { .. }
            | PageStyle::Link
            | PageStyle::Single => return Ok(()),
        };
        let echo = self.pages.echo.as_ref().and_then(|echo| echo.get_text(&response.body));
        match echo {
            Some(echo) if echo.parse() != Ok(asked) => {
                Err(ReadError::Stuck { reason: "the answer is for another page than was asked for" })
            }
            _ => Ok(()),
        }
    }

    /// Lists by offset and by number move when something before the place is deleted, and would skip as much. Where that
    /// is seen, a part is read again.
    fn moved(&mut self, response: &HttpResponse, identities: &[u64]) -> Result<Option<Turn>, ReadError> {
        let total = self.pages.total.as_ref().and_then(|total| total.get_text(&response.body)?.parse::<u64>().ok());
        let shrunk = match (self.total, total) {
            (Some(before), Some(now)) => before.saturating_sub(now),
            _ => 0,
        };
        self.total = total.or(self.total);
        let size = self.pages.size.as_ref().map_or(1, |size| size.value).max(1);
        let back = match (&self.pages.style, &self.place) {
            (PageStyle::Offset { overlap: 0, .. }, Place::Offset { at, .. }) if shrunk > 0 => {
                Some(Place::Offset { at: at.saturating_sub(shrunk), known: None })
            }
            // A page behind the first one begins with a record that is known, or something between is missing.
            (PageStyle::Offset { overlap: 1.., .. }, Place::Offset { at, .. }) if self.offset() > 0 => {
                let joined = identities.first().is_some_and(|first| self.known.contains(first));
                (!joined).then(|| Place::Offset { at: at.saturating_sub(size), known: None })
            }
            (PageStyle::Number { first, .. }, Place::Number { at, .. }) if shrunk > 0 => {
                let longest = self.longest.max(1);
                let at = at.saturating_sub(shrunk.div_ceil(longest)).max(*first);
                Some(Place::Number { at, read: (at - first) * longest })
            }
            _ => None,
        };
        let Some(place) = back else { return Ok(None) };
        self.backs += 1;
        if self.backs > 10_000 {
            return Err(ReadError::Stuck { reason: "the list moves faster than it can be read" });
        }
        self.place = place;
        self.first = None;
        self.asked.clear();
        Ok(Some(Turn::Back))
    }

    /// A server that does not know our parameter sends the first page for ever. The whole record is compared: one that
    /// was changed meanwhile may rightly come again.
    fn check_first(&mut self, records: &[Value]) -> Result<(), ReadError> {
        let Some(first) = records.first().map(|first| hash(&first.to_string())) else { return Ok(()) };
        self.repeats = if self.first == Some(first) { self.repeats + 1 } else { 0 };
        self.first = Some(first);
        // What is inserted before an offset pushes a record onto the next page once more; not again and again.
        let moves = matches!(self.pages.style, PageStyle::Offset { .. } | PageStyle::Number { .. });
        let repeats = self.repeats >= if moves { 3 } else { 1 };
        // Next addresses may overlap on purpose, and are told apart by themselves.
        let by_address = matches!(self.pages.style, PageStyle::NextUrl { .. } | PageStyle::Link);
        if repeats && !by_address {
            return Err(ReadError::Stuck { reason: "a page begins with the same record as the one before" });
        }
        Ok(())
    }

    fn remember(&mut self, identities: &[u64]) {
        if matches!(self.pages.style, PageStyle::Offset { overlap: 1.., .. }) {
            self.known.extend(identities);
            let surplus = self.known.len().saturating_sub(REMEMBERED);
            self.known.drain(..surplus);
        }
    }

    /// The answer says that this was the last page.
    fn ended(&self, response: &HttpResponse, count: u64) -> Result<bool, ReadError> {
        let pages = &self.pages;
        let flag = |pointer: &Option<crate::pointer::Pointer>| {
            pointer.as_ref().map(|pointer| match pointer.get(&response.body) {
                Some(Value::Bool(flag)) => Some(*flag),
                Some(value) => scalar_text(value).map(|text| matches!(text.as_str(), "true" | "1")),
                None => None,
            })
        };
        let (more, end) = (flag(&pages.more), flag(&pages.end));
        if more == Some(Some(false)) || end == Some(Some(true)) {
            return Ok(true);
        }
        let by_count = match pages.ends {
            Ends::Empty => count == 0,
            Ends::Short => pages.size.as_ref().is_some_and(|size| count < size.value),
            Ends::Declared | Ends::Same => false,
        };
        if by_count {
            return Ok(true);
        }
        if let (Some(pointer), PageStyle::Offset { .. } | PageStyle::Number { .. }) = (&pages.total, &pages.style) {
            let Some(total) = self.total else {
                return Err(ReadError::Missing { what: "total", pointer: pointer.as_str().to_owned() });
            };
            let before =
                if matches!(pages.style, PageStyle::Number { .. }) { self.read_before() } else { self.offset() };
            if before + count >= total {
                return Ok(true);
            }
            if count == 0 && pages.more.is_none() && pages.end.is_none() {
                return Err(ReadError::Stuck { reason: "an empty page, and the total says that more follows" });
            }
        }
        // A list that only a missing sign could end must not end by its absence.
        let sign =
            matches!(pages.style, PageStyle::LastId { .. } | PageStyle::Offset { .. } | PageStyle::Number { .. })
                && pages.total.is_none()
                && pages.ends == Ends::Declared;
        match (sign, &pages.more, more, &pages.end, end) {
            (true, Some(pointer), Some(None), _, None | Some(None)) | (true, None, None, Some(pointer), Some(None)) => {
                Err(ReadError::Missing { what: "sign of the end", pointer: pointer.as_str().to_owned() })
            }
            _ => Ok(false),
        }
    }

    /// The place of the next page; `None` where there is none.
    fn following(
        &self,
        response: &HttpResponse,
        records: &[Value],
        vendor: &Vendor,
    ) -> Result<Option<Place>, ReadError> {
        let count = records.len() as u64;
        let text = |pointer: &crate::pointer::Pointer| pointer.get_text(&response.body);
        Ok(match &self.pages.style {
            PageStyle::LastId { id, .. } => {
                let Some(last) = records.last() else {
                    return Err(ReadError::Stuck { reason: "an empty page says that more follows" });
                };
                let Some(last) = id.get_text(last) else {
                    return Err(ReadError::Missing { what: "id of the last record", pointer: id.as_str().to_owned() });
                };
                Some(Place::After(last))
            }
            PageStyle::NextUrl { url } => text(url).map(|found| vendor.resolve(&found).map(Place::Url)).transpose()?,
            PageStyle::Link => {
                let found = response.header("link").and_then(next_link);
                found.map(|found| vendor.resolve(found).map(Place::Url)).transpose()?
            }
            PageStyle::Token { token, .. } => text(token).map(Place::Token),
            PageStyle::Offset { overlap, .. } => {
                if count == 0 || (self.offset() > 0 && count <= *overlap) {
                    return Err(ReadError::Stuck { reason: "an empty page says that more follows" });
                }
                Some(Place::Offset { at: self.offset() + count, known: self.known.back().copied() })
            }
            PageStyle::Number { .. } => Some(Place::Number { at: self.number() + 1, read: self.read_before() + count }),
            PageStyle::Single => None,
        })
    }
}

pub(crate) fn hash<T: Hash>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Place::Start => 0u8.hash(state),
            Place::After(text) | Place::Url(text) | Place::Token(text) => text.hash(state),
            Place::Number { at, .. } | Place::Offset { at, .. } => at.hash(state),
        }
    }
}

/// The address with `rel="next"` in a `Link` header (RFC 8288).
fn next_link(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some(open) = rest.find('<') {
        let close = open + rest[open..].find('>')?;
        let address = &rest[open + 1..close];
        rest = &rest[close + 1..];
        // Parameters end where the next link begins; an address may hold commas, so look for its bracket.
        let end = rest.find(", <").or_else(|| rest.find(",<")).unwrap_or(rest.len());
        let is_next = rest[..end].split(';').any(|parameter| {
            parameter.trim().split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("rel")
                    && value.trim().trim_matches('"').split_whitespace().any(|rel| rel.eq_ignore_ascii_case("next"))
            })
        });
        if is_next {
            return Some(address);
        }
        rest = &rest[end..];
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        let header =
            "<https://a.example/x?page=1>; rel=\"prev\", <https://a.example/x?a=1,2&page=3>; title=\"n\"; rel=next";
        assert_eq!(next_link(header), Some("https://a.example/x?a=1,2&page=3"));
        assert_eq!(next_link("<https://a.example>; rel=last"), None);
        assert_eq!(next_link("nonsense"), None);
    }
}
