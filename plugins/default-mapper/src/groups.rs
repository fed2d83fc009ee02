//! The groups of one person, found by hash: 1,000 groups against 500 rows must not be 500,000 comparisons.

/// A group's hash. GUIDs in another letter case have the same one; the comparison tells the rest apart.
pub(crate) fn hash(group: &str) -> u32 {
    let mut hash = group.len() as u64;
    let mut add = |word: u64| {
        hash = (hash ^ (word | 0x2020_2020_2020_2020)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^= hash >> 29;
    };
    let (words, rest) = group.as_bytes().as_chunks::<8>();
    words.iter().for_each(|word| add(u64::from_le_bytes(*word)));
    add(rest
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte)));
    (hash >> 16) as u32
}

/// GUIDs are the same in any letter case; every other name must match exactly.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one == other || (is_guid(one) && one.eq_ignore_ascii_case(other))
}

fn is_guid(group: &str) -> bool {
    group.len() == 36 && group.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// The groups of a person, ready to be asked.
#[derive(Debug)]
pub(crate) struct Groups<'a> {
    names: &'a [String],
    /// Hash and index + 1 of a name; 0 is free.
    slots: Vec<(u32, u32)>,
}

impl<'a> Groups<'a> {
    pub(crate) fn of(names: &'a [String]) -> Self {
        let size = (names.len() * 2).next_power_of_two().max(2);
        let mut slots = vec![(0, 0); size];
        for (index, name) in names.iter().enumerate() {
            let hash = hash(name);
            let mut at = hash as usize;
            while let Some(slot) = slots.get_mut(at & (size - 1)) {
                if slot.1 == 0 {
                    *slot = (hash, u32::try_from(index + 1).unwrap_or(u32::MAX));
                    break;
                }
                at += 1;
            }
        }
        Self { names, slots }
    }

    pub(crate) fn names(&self) -> &'a [String] {
        self.names
    }

    pub(crate) fn contains(&self, group: &str) -> bool {
        self.contains_hashed(group, hash(group))
    }

    pub(crate) fn contains_hashed(&self, group: &str, hash: u32) -> bool {
        let mut at = hash as usize;
        while let Some(&(seen, index)) = self.slots.get(at & (self.slots.len() - 1)) {
            if index == 0 {
                return false;
            }
            let name = self.names.get(index as usize - 1);
            if seen == hash && name.is_some_and(|name| same(name, group)) {
                return true;
            }
            at += 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_is_found_and_no_other() {
        let names: Vec<String> = (0..1_000).map(|n| format!("group-{n}")).collect();
        let groups = Groups::of(&names);
        assert!(names.iter().all(|name| groups.contains(name)));
        assert!(
            !groups.contains("group-1000") && !groups.contains("Group-1") && !groups.contains("")
        );
        assert!(!Groups::of(&[]).contains("group-1"));
        assert!(Groups::of(&[String::new()]).contains(""));
    }

    #[test]
    fn guids_match_in_any_letter_case_and_names_do_not() {
        let names = [
            "8F3C1D52-0A4B-4C1E-9D7A-2F6F1B7F0001".to_owned(),
            "Admins".to_owned(),
        ];
        let groups = Groups::of(&names);
        assert!(groups.contains("8f3c1d52-0a4b-4c1e-9d7a-2f6f1b7f0001"));
        assert!(groups.contains("Admins") && !groups.contains("admins"));
    }
}
