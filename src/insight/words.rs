//! The wording of the brief: codes in the words of leaders, and formatted numbers.

/// A subject within a sentence.
pub fn subject(code: &str) -> String {
    match code {
        "ela" => "English language arts".to_owned(),
        "math" => "mathematics".to_owned(),
        "" => "all subjects".to_owned(),
        other => other.replace('_', " "),
    }
}

/// A group of students within a sentence.
pub fn group(category: &str, value: &str) -> String {
    let text = match (category, value) {
        ("econ", "yes") => "economically disadvantaged students",
        ("el", "yes") => "English learners",
        ("iep", "yes") => "students with disabilities",
        ("s504", "yes") => "students with a Section 504 plan",
        ("homeless", "yes") => "students experiencing homelessness",
        ("foster", "yes") => "students in foster care",
        ("migrant", "yes") => "migratory students",
        ("military", "yes") => "students of military families",
        ("gifted", "yes") => "gifted students",
        (_, "no") => "other students",
        ("race_ethnicity", "american_indian") => "American Indian or Alaska Native students",
        ("race_ethnicity", "asian") => "Asian students",
        ("race_ethnicity", "black") => "Black students",
        ("race_ethnicity", "hispanic") => "Hispanic students",
        ("race_ethnicity", "pacific_islander") => "Native Hawaiian or Pacific Islander students",
        ("race_ethnicity", "two_or_more") => "students of two or more races",
        (_, value) => return format!("{} students", value.replace('_', " ")),
    };
    text.to_owned()
}

/// A pair of groups as the label of a chart.
pub fn pair(category: &str, reference: &str, focal: &str) -> String {
    let text = match (category, focal) {
        ("econ", _) => "Economically disadvantaged",
        ("el", _) => "English learners",
        ("iep", _) => "With disabilities (IEP)",
        ("s504", _) => "Section 504 plan",
        ("homeless", _) => "Experiencing homelessness",
        ("foster", _) => "In foster care",
        ("migrant", _) => "Migratory",
        ("military", _) => "Military families",
        ("gifted", _) => "Gifted",
        ("race_ethnicity", "american_indian") => "American Indian vs. white",
        ("race_ethnicity", "asian") => "Asian vs. white",
        ("race_ethnicity", "black") => "Black vs. white",
        ("race_ethnicity", "hispanic") => "Hispanic vs. white",
        ("race_ethnicity", "pacific_islander") => "Pacific Islander vs. white",
        ("race_ethnicity", "two_or_more") => "Two or more races vs. white",
        _ => return format!("{} vs. {}", capital(&focal.replace('_', " ")), reference.replace('_', " ")),
    };
    text.to_owned()
}

/// Who is responsible for a group of students.
pub fn advocate(category: &str) -> &'static str {
    match category {
        "econ" => "Title I coordinator",
        "el" => "English learner program lead",
        "iep" => "Director of special education",
        "s504" => "Section 504 coordinator",
        "homeless" | "foster" => "Homeless and foster care liaison",
        "migrant" => "Migrant education coordinator",
        "military" => "Military family liaison",
        _ => "Head of curriculum",
    }
}

/// Who is responsible for the records of a rule group.
pub fn state(family: &str) -> &'static str {
    match family {
        "duplicate_educators" => "Human resources",
        "certification" => "Certification office",
        "fte" => "Payroll",
        "enrollment" => "Registrars",
        "staffing_ratio" => "Human resources",
        "assessment" => "Assessment coordinator",
        "program" => "Program office",
        "calendar" => "Scheduling office",
        _ => "Data office",
    }
}

/// A rule group within a sentence.
pub fn family(name: &str) -> String {
    match name {
        "fte" => "FTE".to_owned(),
        "reference" => "references and deliveries".to_owned(),
        "calendar" => "sessions and calendars".to_owned(),
        "program" => "programs".to_owned(),
        "staffing_ratio" => "staffing ratios".to_owned(),
        other => other.replace('_', " "),
    }
}

/// What the records of a rule group are.
pub fn records(family: &str) -> &'static str {
    match family {
        "duplicate_educators" | "certification" | "fte" => "staff members",
        "enrollment" | "assessment" | "program" => "students",
        "staffing_ratio" | "calendar" => "schools",
        _ => "rows",
    }
}

/// A school year as schools write it: 2025 is 2024–25.
pub fn year(year: i32) -> String {
    format!("{}–{:02}", year - 1, year.rem_euclid(100))
}

/// A grade: 03 is 3.
pub fn grade(code: &str) -> &str {
    match code.trim_start_matches('0') {
        "" => code,
        short => short,
    }
}

/// The text with its first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A number with decimals and a proper minus sign.
pub fn real(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.contains(|c: char| ('1'..='9').contains(&c)) => format!("−{rest}"),
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// A percentage.
pub fn percent(value: f64) -> String {
    format!("{}%", real(value, 1))
}

/// The interval of a figure.
pub fn interval(low: f64, high: f64) -> String {
    format!("95% interval {} to {}", real(low, 1), real(high, 1))
}

/// The interval of a difference that is stated as a size and a direction.
pub fn distance(value: f64, low: f64, high: f64) -> String {
    if value < 0.0 { interval(-high, -low) } else { interval(low, high) }
}

/// A count with commas.
pub fn count(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0 { format!("−{text}") } else { text }
}

/// A count of things, in words up to ten: "one school", "12 schools".
pub fn many(value: usize, one: &str, more: &str) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let number = words.get(value).map_or_else(|| count(value as i64), |word| (*word).to_owned());
    format!("{number} {}", if value == 1 { one } else { more })
}

/// Items as a list within a sentence.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_read_as_they_are_said() {
        assert_eq!((count(0), count(1_234_567), count(-1000)), ("0".into(), "1,234,567".into(), "−1,000".into()));
        assert_eq!((real(-0.04, 1), real(-1.25, 1), real(2.0, 1)), ("0.0".into(), "−1.2".into(), "2.0".into()));
        assert_eq!((year(2025), year(2000), grade("03"), grade("KG")), ("2024–25".into(), "1999–00".into(), "3", "KG"));
        assert_eq!(
            (many(1, "school", "schools"), many(12, "school", "schools")),
            ("one school".into(), "12 schools".into())
        );
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(
            (list(&items[..1]), list(&items[..2]), list(&items)),
            ("a".into(), "a and b".into(), "a, b, and c".into())
        );
        assert_eq!(capital("émile"), "Émile");
    }
}
