//! Two texts, line by line.

/// Lines of both with ` `, `-` (only expected) or `+` (only seen) before them; equal lines far from a
/// difference are left out.
pub(super) fn diff(expected: &str, seen: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), seen.lines().collect());
    let mut lines = Vec::new();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - head;
    let tail =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let common = |lines: &[&str], skip: usize, take: usize| -> Vec<String> {
        lines.iter().skip(skip).take(take).map(|line| format!("  {line}")).collect()
    };
    let shown = head.min(3);
    lines.extend(common(&old, head - shown, shown));
    lines.extend(
        old.iter().skip(head).take(old.len() - head - tail).map(|line| format!("- {line}")),
    );
    lines.extend(
        new.iter().skip(head).take(new.len() - head - tail).map(|line| format!("+ {line}")),
    );
    lines.extend(common(&old, old.len() - tail, tail.min(3)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn only_what_differs_is_shown_with_three_lines_around_it() {
        let (old, new) = ("1\n2\n3\n4\nfive\n6\n7\n8\n9", "1\n2\n3\n4\n5\n5b\n6\n7\n8\n9");
        assert_eq!(diff(old, new), "  2\n  3\n  4\n- five\n+ 5\n+ 5b\n  6\n  7\n  8");
        assert_eq!(diff("a", "b"), "- a\n+ b");
        assert_eq!(diff("", "b\nb"), "+ b\n+ b");
        assert_eq!(diff("a\na", "a"), "  a\n- a");
    }
}
