//! Many short lists in few allocations: a list of 5 takes a chunk of 8, and chunks of one size stand in one vector.
//!
//! Promises that a list costs what it holds, rounded up to a power of two. Does not know what it holds; the caller keeps
//! the handle, and keeps the list in order.

/// Where a list is. The handle changes with every change of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct List {
    /// How many items it has.
    pub(crate) len: u32,
    /// Which chunk of its size.
    pub(crate) at: u32,
}

/// Lists of one type of item.
#[derive(Debug)]
pub(crate) struct Pool<T> {
    /// By the binary logarithm of the size of their chunks.
    sizes: Vec<Chunks<T>>,
}

#[derive(Debug)]
struct Chunks<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

impl<T: Copy> Pool<T> {
    /// No list.
    pub(crate) fn new() -> Self {
        Self { sizes: Vec::new() }
    }

    /// The items of a list.
    pub(crate) fn get(&self, list: List) -> &[T] {
        if list.len == 0 {
            return &[];
        }
        let (size, len) = (size(list.len), list.len as usize);
        let start = (list.at as usize) << size;
        &self.sizes[size].items[start..start + len]
    }

    /// The items of a list.
    pub(crate) fn get_mut(&mut self, list: List) -> &mut [T] {
        if list.len == 0 {
            return &mut [];
        }
        let (size, len) = (size(list.len), list.len as usize);
        let start = (list.at as usize) << size;
        &mut self.sizes[size].items[start..start + len]
    }

    /// Puts an item at a place of a list; what stood there and later moves up by one.
    pub(crate) fn insert(&mut self, list: List, place: usize, item: T) -> List {
        let grown = self.resized(list, list.len + 1, item);
        let items = self.get_mut(grown);
        items.copy_within(place..list.len as usize, place + 1);
        items[place] = item;
        grown
    }

    /// Takes the item at a place out of a list; what stood later moves down by one.
    pub(crate) fn remove(&mut self, list: List, place: usize) -> List {
        let items = self.get_mut(list);
        items.copy_within(place + 1.., place);
        let Some(&any) = items.first() else { return list };
        self.resized(list, list.len - 1, any)
    }

    /// How many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.sizes.iter().map(|chunks| chunks.items.capacity() * size_of::<T>() + chunks.free.capacity() * 4).sum()
    }

    /// The same first items in a chunk that fits `len`; what is new there is `filler`.
    fn resized(&mut self, list: List, len: u32, filler: T) -> List {
        if list.len != 0 && len != 0 && size(list.len) == size(len) {
            return List { len, ..list };
        }
        let resized = if len == 0 { List::default() } else { List { len, at: self.chunk(size(len), filler) } };
        let kept = list.len.min(len) as usize;
        if kept > 0 {
            let (from, to) = (size(list.len), size(len));
            let (start, target) = ((list.at as usize) << from, (resized.at as usize) << to);
            // The two sizes differ, so the two chunks are in two vectors.
            if let Ok([from, to]) = self.sizes.get_disjoint_mut([from, to]) {
                to.items[target..target + kept].copy_from_slice(&from.items[start..start + kept]);
            }
        }
        if list.len != 0 {
            self.sizes[size(list.len)].free.push(list.at);
        }
        resized
    }

    fn chunk(&mut self, size: usize, filler: T) -> u32 {
        while self.sizes.len() <= size {
            self.sizes.push(Chunks { items: Vec::new(), free: Vec::new() });
        }
        let chunks = &mut self.sizes[size];
        chunks.free.pop().unwrap_or_else(|| {
            let at = chunks.items.len() >> size;
            chunks.items.resize(chunks.items.len() + (1 << size), filler);
            u32::try_from(at).unwrap_or(u32::MAX)
        })
    }
}

/// The binary logarithm of the chunk that a list of so many items takes.
fn size(len: u32) -> usize {
    len.next_power_of_two().trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_hold_what_vectors_hold(
            steps in proptest::collection::vec((0usize..3, any::<u16>(), any::<bool>()), 0..200),
        ) {
            let mut pool = Pool::new();
            let mut lists = [List::default(); 3];
            let mut vectors: [Vec<u16>; 3] = Default::default();
            for (at, number, is_removal) in steps {
                let vector = &mut vectors[at];
                if is_removal && !vector.is_empty() {
                    let place = usize::from(number) % vector.len();
                    vector.remove(place);
                    lists[at] = pool.remove(lists[at], place);
                } else {
                    let place = usize::from(number) % (vector.len() + 1);
                    vector.insert(place, number);
                    lists[at] = pool.insert(lists[at], place, number);
                }
                for (list, vector) in lists.iter().zip(&vectors) {
                    prop_assert_eq!(pool.get(*list), vector.as_slice());
                }
            }
        }
    }
}
