//! Names of files, matched with the patterns of a profile: exports carry dates and districts in their names.

/// The list of patterns that matches a file best: the one with the most literal characters.
pub(in crate::source::mapped) fn best<'a>(lists: impl Iterator<Item = &'a [String]>, file: &str) -> Option<usize> {
    let letters = |pattern: &String| pattern.chars().filter(|c| !matches!(c, '*' | '?')).count();
    let fit = |list: &[String]| list.iter().filter(|pattern| fits(pattern, file)).map(letters).max();
    let fitting = lists.enumerate().filter_map(|(place, list)| Some((fit(list)?, std::cmp::Reverse(place))));
    fitting.max().map(|(_, place)| place.0)
}

/// Whether a name matches a pattern with `*` and `?`, in any case.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<char>>();
    let (pattern, name) = (lower(pattern), lower(name));
    // Backtracking to the last star is enough; remember it and how much of the name it covers.
    let (mut at, mut in_name, mut star) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(&c) if c == '?' || c == name[in_name] => (at, in_name) = (at + 1, in_name + 1),
            _ => match star {
                Some((of, from)) => {
                    star = Some((of, from + 1));
                    (at, in_name) = (of + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_patterns_in_any_case() {
        for (pattern, name) in [
            ("students.csv", "Students.CSV"),
            ("students*.csv", "students.csv"),
            ("students*.csv", "Students_2025-09-02.csv"),
            ("*stu?.csv", "ps_stuX.csv"),
            ("*a*b*", "xaxxbx"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("students.csv", "students2.csv"), ("stu?.csv", "stu.csv"), ("*.csv", "x.txt"), ("", "x")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        let lists: Vec<Vec<String>> = [&["schools*.csv"][..], &["schoolstaff*.csv"]]
            .iter()
            .map(|list| list.iter().map(|&p| p.to_owned()).collect())
            .collect();
        let of = |name: &str| best(lists.iter().map(|list| &list[..]), name);
        assert_eq!((of("schools.csv"), of("SchoolStaff_1.csv"), of("x.csv")), (Some(0), Some(1), None));
    }
}
